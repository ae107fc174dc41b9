package domain

import (
	"context"
	"crypto/rand"
	"time"
)

// SessionID identifies a session: at least 128 random bits as 26 characters of base32. It is never reused. It is the sid
// claim of the session's access tokens.
type SessionID string

// NewSessionID returns a new random SessionID.
func NewSessionID() SessionID { return SessionID(rand.Text()) }

// MaxSessions is the maximum number of live sessions of a user. When one more begins, the oldest ends.
const MaxSessions = 100

// NewSession is the input of [SessionRepository.Insert].
type NewSession struct {
	ID           SessionID
	UserID       UserID
	PasswordHash string // the hash that the login verified; not stored with the session
	CreatedAt    time.Time
	Client       Client
	RefreshKeyID string    // the key of the session's refresh tokens
	ExpiresAt    time.Time // see Session.ExpiresAt
}

// Session is a login that has not ended. Its times are the store's (see [Store.Now]).
type Session struct {
	ID           SessionID
	UserID       UserID
	CreatedAt    time.Time // when the password was given
	IP           string    // of the login
	UserAgent    string    // of the login
	RefreshCount int64     // the number of refreshes, which is also the number of the newest refresh token
	RefreshKeyID string
	RefreshedAt  time.Time // when it was last refreshed; at first CreatedAt
	ExpiresAt    time.Time // when it expires unless it is refreshed
}

// SessionEnd records that a session ended before it expired.
type SessionEnd struct {
	SessionID SessionID
	EndedAt   time.Time // by the store's clock
}

// SessionRepository stores sessions and the ends of those that ended before they expired.
type SessionRepository interface {
	// Insert adds a session if its user still exists, is not suspended and has s.PasswordHash, and otherwise returns
	// [ErrPasswordChanged]. It checks and writes in one statement, so that no login escapes a password change or a suspension: a
	// transaction that changes the hash or suspends the account, and then ends the user's sessions, either ends this one too or
	// makes Insert fail.
	Insert(ctx context.Context, s NewSession) error

	// ByID returns a session, expired or not, or [ErrSessionNotFound]. The sessions of a deleted user are not found.
	ByID(ctx context.Context, id SessionID) (Session, error)

	// Live returns at most limit of the user's sessions that expire after now, newest first by CreatedAt, then ID.
	Live(ctx context.Context, user UserID, now time.Time, limit int) ([]Session, error)

	// Refresh sets a session's RefreshCount, RefreshedAt and ExpiresAt if its RefreshCount is still count, and reports whether
	// it was. It checks and writes in one statement. It is a durable write even if it changes nothing.
	Refresh(ctx context.Context, s Session, count int64) (bool, error)

	// End atomically deletes the user's session and records its end. It reports whether the session existed.
	End(ctx context.Context, user UserID, id SessionID, at time.Time) (bool, error)

	// EndAll ends all of the user's sessions, expired ones too, except one, which may be empty. It returns the sessions that
	// it ended, in no order.
	EndAll(ctx context.Context, user UserID, except SessionID, at time.Time) ([]SessionID, error)

	// EndedAfter returns at most limit ends that follow after, in the order of (EndedAt, SessionID).
	EndedAfter(ctx context.Context, after SessionEnd, limit int) ([]SessionEnd, error)

	// DeleteExpired deletes at most limit sessions that expired at or before now, and returns how many.
	DeleteExpired(ctx context.Context, now time.Time, limit int) (int, error)

	// DeleteEnds deletes at most limit ends recorded at or before a time, and returns how many.
	DeleteEnds(ctx context.Context, until time.Time, limit int) (int, error)
}
