package domain

import (
	"context"
	"time"
)

// Registration is what a person signs up with.
type Registration struct {
	Email    string
	Password Password
}

// Credentials is what a person logs in with.
type Credentials struct {
	Email    string
	Password Password
	Client   Client
}

// Tokens is what a login gives.
type Tokens struct {
	UserID    UserID        // whom they speak for
	Access    string        // a bearer token (RFC 6750)
	ExpiresIn time.Duration // how long Access is good for
}

// Caller is who makes a request, proven by an access token.
type Caller struct {
	UserID    UserID
	SessionID SessionID
}

// AuthService signs people up, logs them in, and tells who calls.
type AuthService interface {
	// Register makes an account. It returns an error of kind [ErrInvalid] that names every bad field, [ErrEmailTaken] or
	// [ErrHasherBusy].
	Register(ctx context.Context, in Registration) (User, error)

	// Login checks credentials and opens a session. An unknown address, a wrong password and a raced password change are
	// all [ErrInvalidCredentials], after the same work. It returns an error of kind [ErrInvalid] for a password of more
	// than [MaxLoginPassword] octets, before any hashing, and [ErrHasherBusy].
	Login(ctx context.Context, in Credentials) (Tokens, error)

	// Authenticate tells who an access token speaks for, or returns [ErrBadToken], wrapped with the reason.
	Authenticate(ctx context.Context, access string) (Caller, error)
}

// Claims is what an access token says, apart from its issuer and audience, which are the token service's own.
type Claims struct {
	UserID    UserID
	SessionID SessionID
	IssuedAt  time.Time // whole seconds
	ExpiresAt time.Time // whole seconds
}

// MaxTokenLife is the hard maximum of an access token's life. Longer ones are neither issued nor accepted.
const MaxTokenLife = time.Hour

// TokenService makes and checks access tokens.
type TokenService interface {
	// Issue returns a signed token with an identifier (jti) of its own.
	Issue(ctx context.Context, c Claims) (string, error)

	// Verify returns what a token says if it was signed by us and is good at now, or [ErrBadToken], wrapped with the
	// reason. The reason holds no part of the token.
	Verify(ctx context.Context, token string, now time.Time) (Claims, error)
}

// PasswordHasher makes and checks password hashes. Hashing is dear, so it waits its turn, a bounded time in a bounded
// queue; beyond that, and when ctx ends first, it returns [ErrHasherBusy] or the context's error.
type PasswordHasher interface {
	// Hash returns a salted hash that names its own algorithm and parameters. It may use only half of the queue, so that
	// sign-ups cannot keep logins out.
	Hash(ctx context.Context, p Password) (string, error)

	// Verify tells whether the password is the one that was hashed, and whether the hash was made with other parameters
	// than Hash uses now, and should be replaced. An error means that hash could not be read.
	Verify(ctx context.Context, hash string, p Password) (ok, stale bool, err error)
}

// Clock tells the time: UTC, whole microseconds.
type Clock func() time.Time
