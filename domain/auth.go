package domain

import (
	"context"
	"fmt"
	"time"

	"example.com/postern/domain/revocation"
	"example.com/postern/domain/throttle"
)

// AuthService registers users, logs them in, refreshes their sessions, and authenticates requests.
//
// Guessing is throttled for all instances of a store together. After too many failures, methods that check a password return an
// error of kind [ErrTooMany] and hash nothing. They treat unknown addresses like known ones.
type AuthService interface {
	// CheckRegistration returns every reason to refuse a registration, except that the address is taken.
	CheckRegistration(in Registration) []FieldError

	// Register creates an account. It also has a mail sent with a link that confirms the address, unless too many mails are
	// waiting or were sent to the address. It returns an error of kind [ErrInvalid] that names every invalid field,
	// [ErrEmailTaken], [ErrHasherBusy], or an error of kind [ErrTooMany].
	Register(ctx context.Context, in Registration) (User, error)

	// Login checks credentials and opens a session. It returns [ErrInvalidCredentials] if the address is unknown, the
	// password is wrong, or the password was changed meanwhile. The work is the same in all three cases. It returns
	// [ErrAccountSuspended] for the right password of a suspended account, which does not count as a failure. It returns an error
	// of kind [ErrInvalid] for a password of more than [MaxLoginPassword] bytes, [ErrHasherBusy], or an error of kind
	// [ErrTooMany].
	Login(ctx context.Context, in Credentials) (Tokens, error)

	// Refresh exchanges the newest refresh token of a session for the next one and a new access token. Within
	// [RefreshGrace], the previous refresh token is exchanged for the same next one again. Refresh ends the session if the
	// token was replaced earlier than that, because it may have been stolen. It returns [ErrBadRefreshToken] for every token
	// that it does not accept.
	Refresh(ctx context.Context, refresh string) (Tokens, error)

	// Authenticate returns the caller that an access token belongs to, or [ErrBadToken], wrapped with the reason. The end of a
	// session takes effect at once on the instance that ended it, and within a second on the others. Authenticate reads the
	// store only if this instance's list of ended sessions is not up to date. In that case it returns [ErrStoreUnavailable] if
	// the store does not answer.
	Authenticate(ctx context.Context, access string) (Caller, error)

	// ChangePassword atomically replaces the caller's password and ends all their other sessions. It returns
	// [ErrInvalidCredentials] if the current password is wrong, [ErrBadToken], wrapped, if the session has ended,
	// [ErrHasherBusy], or an error of kind [ErrInvalid] or [ErrTooMany].
	ChangePassword(ctx context.Context, caller Caller, in PasswordChange) error

	// DeleteAccount atomically deletes the caller's account and ends all its sessions. It returns [ErrReauthentication] if
	// the session's login is older than [ReauthenticationAge], or [ErrBadToken], wrapped, if the session has ended.
	DeleteAccount(ctx context.Context, caller Caller) error
}

// AuthOptions configures [NewAuth]. Every field except MaxLogins, Notices and Backlog is required.
type AuthOptions struct {
	Store       Store
	Tokens      TokenService
	Refresh     RefreshTokens
	Hasher      PasswordHasher
	Clock       Clock // this instance's clock
	Revocations *revocation.List
	Events      SecurityLog
	TokenLife   time.Duration      // the lifetime of access tokens: whole seconds, at most MaxTokenLife
	SessionIdle time.Duration      // how long a session lives without a refresh; not below TokenLife
	SessionLife time.Duration      // how long a session lives at most; not below SessionIdle
	MinPassword int                // the minimum length of a new password: from MinPassword to 64
	MaxLogins   int                // how many logins are in progress at most, half of them from one network; 0 means no limit
	Limits      throttle.Limits    // how many failed logins and sign-ups are allowed
	KeyedHash   throttle.KeyedHash // makes the identifiers of throttles
	Notices     bool               // whether users are told by mail of what happened to their account
	Backlog     *MailBacklog       // bounds the mails that wait; nil means no bound
}

// maxMinPassword is the largest minimum length that can be configured. It is well below MaxPassword.
const maxMinPassword = 64

func (o AuthOptions) check() error {
	switch {
	case o.TokenLife < time.Second, o.TokenLife > MaxTokenLife, o.TokenLife%time.Second != 0:
		return fmt.Errorf("domain: the lifetime of an access token must be whole seconds, from 1s to %v", MaxTokenLife)
	case o.SessionIdle < o.TokenLife:
		return fmt.Errorf("domain: the idle lifetime of a session must not be below the lifetime of an access token, %v", o.TokenLife)
	case o.SessionLife < o.SessionIdle:
		return fmt.Errorf("domain: the lifetime of a session must not be below its idle lifetime, %v", o.SessionIdle)
	case o.MinPassword < MinPassword, o.MinPassword > maxMinPassword:
		return fmt.Errorf("domain: the minimum length of a password must be from %d to %d", MinPassword, maxMinPassword)
	}
	return o.Limits.Check()
}

// Auth implements [AuthService] on a [Store].
type Auth struct {
	options   AuthOptions
	guard     *throttle.Guard
	logins    *throttle.Slots
	sessions  sessionEnder
	dummyHash string // verified for unknown addresses, so that they cost as much as known ones
}

// NewAuth returns a service, or an error for options that are out of bounds.
func NewAuth(o AuthOptions) (*Auth, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	return &Auth{
		options:   o,
		logins:    throttle.NewSlots(o.MaxLogins),
		guard:     throttle.NewGuard(o.Store, o.Limits, o.KeyedHash, ErrInvalidCredentials),
		sessions:  sessionEnder{timedStore{o.Store, o.Clock}, o.Revocations, o.Events},
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

// sessionExpiry returns when a session that was created then and refreshed now expires.
func (o AuthOptions) sessionExpiry(created, now time.Time) time.Time {
	idle, end := now.Add(o.SessionIdle), created.Add(o.SessionLife)
	if idle.After(end) {
		return end
	}
	return idle
}
