package domain

import (
	"context"
	"fmt"
	"time"

	"example.com/postern/domain/revocation"
	"example.com/postern/domain/throttle"
)

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

// AuthOptions is what an AuthService works with. All of it is required.
type AuthOptions struct {
	Store       Store
	Tokens      TokenService
	Refresh     RefreshTokens
	Hasher      PasswordHasher
	Clock       Clock // this instance's clock; only access tokens and the CreatedAt of users go by it
	Revocations *revocation.List
	Events      SecurityLog
	TokenLife   time.Duration      // of access tokens: whole seconds, from 1 to MaxTokenLife
	SessionIdle time.Duration      // how long a session lives without a refresh; not below TokenLife
	SessionLife time.Duration      // how long a session lives at most; not below SessionIdle
	MinPassword int                // how many characters a new password has at least; from MinPassword to 64
	Limits      throttle.Limits    // how many failed logins and sign-ups are allowed
	KeyedHash   throttle.KeyedHash // makes the identifiers of what is counted
}

// maxMinPassword leaves room below MaxPassword for a password that can be chosen.
const maxMinPassword = 64

func (o AuthOptions) check() error {
	switch {
	case o.TokenLife < time.Second, o.TokenLife > MaxTokenLife, o.TokenLife%time.Second != 0:
		return fmt.Errorf("domain: an access token must live for whole seconds, from 1 to %v", MaxTokenLife)
	case o.SessionIdle < o.TokenLife:
		return fmt.Errorf("domain: a session must live without a refresh at least as long as an access token, %v", o.TokenLife)
	case o.SessionLife < o.SessionIdle:
		return fmt.Errorf("domain: a session must live at least as long as it may without a refresh, %v", o.SessionIdle)
	case o.MinPassword < MinPassword, o.MinPassword > maxMinPassword:
		return fmt.Errorf("domain: the least length of a password must be from %d to %d", MinPassword, maxMinPassword)
	}
	return o.Limits.Check()
}

// Auth implements [AuthService] on a [Store].
type Auth struct {
	options   AuthOptions
	guard     *throttle.Guard
	sessions  sessionEnder
	dummyHash string // verified for unknown addresses, so that they cost what known ones cost
}

// NewAuth returns an AuthService, or an error for options out of their bounds.
func NewAuth(o AuthOptions) (*Auth, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	return &Auth{
		options:   o,
		guard:     throttle.NewGuard(o.Store, o.Limits, o.KeyedHash, ErrInvalidCredentials),
		sessions:  sessionEnder{o.Store, o.Clock, o.Revocations, o.Events},
		dummyHash: o.Hasher.DummyHash(),
	}, nil
}

// Authenticate implements [AuthService].
func (s *Auth) Authenticate(ctx context.Context, access string) (Caller, error) {
	claims, err := s.options.Tokens.Verify(ctx, access, s.options.Revocations.Now())
	if err != nil {
		return Caller{}, err
	}
	if err := checkRevocation(ctx, s.options.Revocations, claims); err != nil {
		return Caller{}, err
	}
	return Caller{UserID: claims.UserID, SessionID: claims.SessionID}, nil
}

// lives returns when a session that began at created dies unless it is refreshed after now.
func (o AuthOptions) lives(created, now time.Time) time.Time {
	idle, end := now.Add(o.SessionIdle), created.Add(o.SessionLife)
	if idle.After(end) {
		return end
	}
	return idle
}
