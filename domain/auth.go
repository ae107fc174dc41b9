package domain

import (
	"context"
	"time"
)

// Registration is what a person signs up with.
type Registration struct {
	Email    string
	Password Password
	Client   Client
}

// Credentials is what a person logs in with.
type Credentials struct {
	Email    string
	Password Password
	Client   Client
}

// PasswordChange is what a person changes the password with.
type PasswordChange struct {
	Current, New Password
	Client       Client
}

// Tokens is what a login and a refresh give.
type Tokens struct {
	UserID    UserID        // whom they speak for
	Access    string        // a bearer token (RFC 6750)
	ExpiresIn time.Duration // how long Access is good for
	Refresh   string        // what the next Access is to be had for (RFC 6749, section 1.5)
}

// Caller is who makes a request, proven by an access token.
type Caller struct {
	UserID    UserID
	SessionID SessionID
}

// AuthService signs people up, logs them in, keeps them logged in, and tells who calls.
//
// Guessing is throttled, in the store and so on all instances: whoever fails too often gets an error of kind [ErrTooMany],
// before any hashing, for an unknown address just as for a known one.
type AuthService interface {
	// CheckRegistration returns everything that keeps a registration from being accepted, taken addresses apart.
	CheckRegistration(in Registration) []FieldError

	// Register makes an account. It returns an error of kind [ErrInvalid] that names every bad field, [ErrEmailTaken],
	// [ErrHasherBusy] or an error of kind [ErrTooMany].
	Register(ctx context.Context, in Registration) (User, error)

	// Login checks credentials and opens a session. An unknown address, a wrong password and a raced password change are
	// all [ErrInvalidCredentials], after the same work. It returns an error of kind [ErrInvalid] for a password of more
	// than [MaxLoginPassword] octets, before any hashing, [ErrHasherBusy], and errors of kind [ErrTooMany].
	Login(ctx context.Context, in Credentials) (Tokens, error)

	// Refresh exchanges a session's newest refresh token for the next one and a fresh access token. The one before it gets
	// the same next one again for [RefreshGrace]; after that, and with any older one, the session ends, because one of two
	// who have it is a thief. Whatever is not good for anything is [ErrBadRefreshToken].
	Refresh(ctx context.Context, refresh string) (Tokens, error)

	// Authenticate tells who an access token speaks for, or returns [ErrBadToken], wrapped with the reason: also when its
	// session has ended, at once on the instance that ended it and within a second on the others. It reads no store, unless
	// it has lost touch with it, and then never lets anyone in whom it cannot look up: [ErrStoreUnavailable].
	Authenticate(ctx context.Context, access string) (Caller, error)

	// ChangePassword replaces the caller's password and ends all their other sessions, both or neither. It returns
	// [ErrInvalidCredentials] for a wrong current one, and otherwise what Register and Login return for bad ones.
	ChangePassword(ctx context.Context, caller Caller, in PasswordChange) error

	// DeleteAccount deletes the caller's account and ends all its sessions, both or neither. It returns
	// [ErrReauthentication] unless the calling session's password was given within [ReauthenticationAge].
	DeleteAccount(ctx context.Context, caller Caller) error
}

// RefreshGrace is how long the refresh token before the newest one is still answered.
const RefreshGrace = 30 * time.Second

// ReauthenticationAge is how long ago the password may have been given for what cannot be undone.
const ReauthenticationAge = 10 * time.Minute

// Operator is what whoever runs the service can do to accounts, from the command line.
type Operator interface {
	// Import adds an account that was made elsewhere. It returns [ErrEmailTaken], or an error of kind [ErrInvalid] for a bad
	// address or a hash that the hasher does not accept.
	Import(ctx context.Context, u ImportedUser) (User, error)

	// SetPassword replaces a password, under the rules of a sign-up, and ends all sessions, both or neither. It returns
	// [ErrUserNotFound] or an error of kind [ErrInvalid].
	SetPassword(ctx context.Context, email string, p Password) error

	// EndSessions ends all sessions of an account and returns how many, or [ErrUserNotFound].
	EndSessions(ctx context.Context, email string) (int, error)
}

// ImportedUser is an account that was made elsewhere.
type ImportedUser struct {
	Email        string
	PasswordHash string
	CreatedAt    time.Time
}

// Claims is what an access token says, apart from its issuer and audience, which are the token service's own.
type Claims struct {
	UserID    UserID
	SessionID SessionID
	Epoch     string    // the ID of the store's epoch; empty in tokens that were made before there were epochs
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

// RefreshTokens makes and checks refresh tokens. They are derived from what is known of a session and a key that is not in
// the store, so they need not be kept, and whoever reads the store cannot make one.
type RefreshTokens interface {
	// RefreshKeyID names the key for new sessions.
	RefreshKeyID() string

	// MintRefresh returns the text of a refresh token, always the same for the same token, or an error if the key is gone.
	MintRefresh(t RefreshToken) (string, error)

	// ParseRefresh returns what MintRefresh was given. An error means that the text is not one of our tokens. A token that is ours
	// says nothing about the state of its session.
	ParseRefresh(text string) (RefreshToken, error)
}

// RefreshToken is what a refresh token says.
type RefreshToken struct {
	KeyID     string // of the session's refresh key
	Epoch     string // the ID of the store's epoch; empty in tokens of the first one, which older instances can read too
	SessionID SessionID
	N         int64 // how often the session had been refreshed before
}

// PasswordHasher makes and checks password hashes. Hashing is expensive, so calls wait for their turn in a bounded queue, for
// a bounded time. Networks share that queue fairly: one may fill it while nobody else waits; when others come, they take
// turns, and the one with the most waiting calls gives up its newest. A call that was given up, finds no room or waited for
// too long returns [ErrHasherBusy]; when ctx ends first, its error. Calls that no client made come from the empty network.
type PasswordHasher interface {
	// Hash returns a salted hash that names its own algorithm and parameters. It may use only half of the queue, so that
	// sign-ups leave room for logins.
	Hash(ctx context.Context, from Network, p Password) (string, error)

	// Verify reports whether the password is the one that was hashed, and whether the hash was made with other parameters
	// than Hash uses now, and should be replaced. Any other error means that hash could not be read.
	Verify(ctx context.Context, from Network, hash string, p Password) (ok, stale bool, err error)

	// DummyHash returns a hash that no known password fits. Verify takes as long over it as over a fresh hash. DummyHash itself
	// computes nothing.
	DummyHash() string

	// Accepts reports whether Verify can read the hash, and its cost is within bounds.
	Accepts(hash string) bool
}
