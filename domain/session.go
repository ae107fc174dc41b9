package domain

import (
	"context"
	"crypto/rand"
	"time"
)

// SessionID identifies a session: at least 128 random bits as 26 characters of base32, never used again and never
// guessable. It is the sid claim of the session's access tokens.
type SessionID string

// NewSessionID returns a fresh random SessionID.
func NewSessionID() SessionID { return SessionID(rand.Text()) }

// MaxSessions is how many live sessions a user has at most. When one more begins, the oldest ends.
const MaxSessions = 100

// NewSession is a session about to be inserted.
type NewSession struct {
	ID           SessionID
	UserID       UserID
	PasswordHash string // the hash that the login verified; not kept with the session
	CreatedAt    time.Time
	Client       Client
	RefreshKeyID string    // the key that all its refresh tokens are derived with
	ExpiresAt    time.Time // see Session.ExpiresAt
}

// Session is one login that has not ended. All its times are the store's (see [Store.Now]).
type Session struct {
	ID           SessionID
	UserID       UserID
	CreatedAt    time.Time // when the password was given
	IP           string    // of the login
	UserAgent    string    // of the login
	RefreshCount int64     // how often it was refreshed: the number of its newest refresh token
	RefreshKeyID string
	RefreshedAt  time.Time // when RefreshCount last grew; CreatedAt at first
	ExpiresAt    time.Time // from then on it is dead, unless it is refreshed before
}

// SessionEnd says that a session was ended before its time.
type SessionEnd struct {
	SessionID SessionID
	EndedAt   time.Time // by the store's clock
}

// SessionRepository keeps sessions, one for each login, and the ends of those that were ended before their time.
type SessionRepository interface {
	// Insert adds a session if its user still exists with s.PasswordHash, checked and written in one statement, so that a
	// login can never outrun a password change: a transaction that changes the hash and then ends the user's sessions ends
	// this one too, or makes Insert fail. It returns [ErrPasswordChanged] if not.
	Insert(ctx context.Context, s NewSession) error

	// ByID returns a session, expired or not, whose user still exists, or [ErrSessionNotFound].
	ByID(ctx context.Context, id SessionID) (Session, error)

	// Live returns at most limit of the user's sessions that expire after now, the newest first: by CreatedAt, then ID.
	Live(ctx context.Context, user UserID, now time.Time, limit int) ([]Session, error)

	// Refresh sets a session's RefreshCount, RefreshedAt and ExpiresAt if its RefreshCount still is count, checked and written
	// in one statement, and tells whether it did. It is a durable write even if it changes nothing.
	Refresh(ctx context.Context, s Session, count int64) (bool, error)

	// End removes the user's session and records its end, both or neither, and tells whether it was there.
	End(ctx context.Context, user UserID, id SessionID, at time.Time) (bool, error)

	// EndAll is End for all of the user's sessions, expired ones too, but except, which may be empty. It returns those that
	// ended, in no order.
	EndAll(ctx context.Context, user UserID, except SessionID, at time.Time) ([]SessionID, error)

	// EndedAfter returns at most limit ends behind after, in the order of (EndedAt, SessionID).
	EndedAfter(ctx context.Context, after SessionEnd, limit int) ([]SessionEnd, error)

	// DeleteExpired removes at most limit sessions that expired at or before now, and returns how many.
	DeleteExpired(ctx context.Context, now time.Time, limit int) (int, error)

	// DeleteEnds removes at most limit ends recorded at or before a time, and returns how many.
	DeleteEnds(ctx context.Context, until time.Time, limit int) (int, error)
}
