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

// Client is what is known of the device that logs in. Both members are for its owner to recognise it by; neither is
// trusted.
type Client struct {
	IP        string // the address without port, as net/netip prints it
	UserAgent string // cut to [MaxUserAgent] characters of valid UTF-8 without NUL
}

// MaxUserAgent is how many characters of a User-Agent header are kept.
const MaxUserAgent = 256

// NewSession is a session about to be inserted.
type NewSession struct {
	ID           SessionID
	UserID       UserID
	PasswordHash string // the hash that the login verified; not kept with the session
	CreatedAt    time.Time
	Client       Client
}

// SessionRepository keeps sessions, one for each login.
type SessionRepository interface {
	// Insert adds a session if its user still exists with s.PasswordHash, checked and written in one statement, so that a
	// login can never outrun a password change. It returns [ErrPasswordChanged] if not.
	Insert(ctx context.Context, s NewSession) error
}
