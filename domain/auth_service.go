package domain

import (
	"context"
	"fmt"
	"time"

	"example.com/postern/domain/revocation"
	"example.com/postern/domain/throttle"
)

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

type authService struct {
	AuthOptions
	guard     *throttle.Guard
	sessions  sessionEnder
	dummyHash string // verified for unknown addresses, so that they cost what known ones cost
}

// NewAuthService returns an AuthService, or an error for options out of their bounds.
func NewAuthService(o AuthOptions) (AuthService, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	return &authService{
		AuthOptions: o,
		guard:       throttle.NewGuard(o.Store, o.Limits, o.KeyedHash, ErrInvalidCredentials),
		sessions:    sessionEnder{o.Store, o.Clock, o.Revocations, o.Events},
		dummyHash:   o.Hasher.DummyHash(),
	}, nil
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

func (s *authService) Authenticate(ctx context.Context, access string) (Caller, error) {
	claims, err := s.Tokens.Verify(ctx, access, s.Revocations.Now())
	if err != nil {
		return Caller{}, err
	}
	if err := checkRevocation(ctx, s.Revocations, claims); err != nil {
		return Caller{}, err
	}
	return Caller{UserID: claims.UserID, SessionID: claims.SessionID}, nil
}

// issue returns a session's newest refresh token and a fresh access token, which the session outlives. The epoch and now are the
// store's: the epoch from the transaction that opened or refreshed the session.
func (s *authService) issue(ctx context.Context, of Session, epoch Epoch, now time.Time) (Tokens, error) {
	token := RefreshToken{KeyID: of.RefreshKeyID, Epoch: epoch.ID, SessionID: of.ID, N: of.RefreshCount}
	if epoch.First {
		token.Epoch = ""
	}
	refresh, err := s.AuthOptions.Refresh.MintRefresh(token)
	if err != nil {
		return Tokens{}, fmt.Errorf("mint a refresh token: %w", err)
	}
	life := min(s.TokenLife, of.ExpiresAt.Sub(now).Truncate(time.Second))
	issued := s.Revocations.Now().Truncate(time.Second)
	claims := Claims{UserID: of.UserID, SessionID: of.ID, Epoch: epoch.ID, IssuedAt: issued, ExpiresAt: issued.Add(life)}
	access, err := s.Tokens.Issue(ctx, claims)
	if err != nil {
		return Tokens{}, fmt.Errorf("issue an access token: %w", err)
	}
	return Tokens{UserID: of.UserID, Access: access, ExpiresIn: life, Refresh: refresh}, nil
}

// lives returns when a session that began at created dies unless it is refreshed after now.
func (o AuthOptions) lives(created, now time.Time) time.Time {
	idle, end := now.Add(o.SessionIdle), created.Add(o.SessionLife)
	if idle.After(end) {
		return end
	}
	return idle
}
