package domain

import (
	"context"
	"errors"
	"fmt"
	"time"
)

type authService struct {
	store     Store
	tokens    TokenService
	hasher    PasswordHasher
	now       Clock
	life      time.Duration
	dummyHash string
}

// NewAuthService returns an AuthService whose access tokens live for life: whole seconds, from 1 to [MaxTokenLife]. It hashes once, so
// that an unknown address can be made to cost what a known one costs.
func NewAuthService(ctx context.Context, store Store, tokens TokenService, hasher PasswordHasher, now Clock, life time.Duration) (AuthService, error) {
	if life < time.Second || life > MaxTokenLife || life%time.Second != 0 {
		return nil, fmt.Errorf("domain: an access token must live for whole seconds, from 1 to %v", MaxTokenLife)
	}
	// A hash made here has today's parameters, so it always takes as long to check as a fresh user's.
	dummy, err := hasher.Hash(ctx, NewPassword(string(NewSessionID())))
	if err != nil {
		return nil, fmt.Errorf("domain: hash a password nobody has: %w", err)
	}
	return &authService{store, tokens, hasher, now, life, dummy}, nil
}

// CheckRegistration returns everything that keeps a registration from being accepted, taken addresses apart.
func CheckRegistration(in Registration) []FieldError {
	email, ok := ParseEmail(in.Email)
	var bad []FieldError
	if !ok {
		bad = append(bad, FieldError{"email", "format", "must be an e-mail address"})
	}
	return append(bad, checkNewPassword("password", in.Password, email)...)
}

func (s *authService) Register(ctx context.Context, in Registration) (User, error) {
	if err := Invalid(CheckRegistration(in)...); err != nil {
		return User{}, err
	}
	email, _ := ParseEmail(in.Email)
	// The unique key decides; asking first spares the hashing.
	if _, err := s.store.Users().Credential(ctx, email); !errors.Is(err, ErrUserNotFound) {
		if err == nil {
			err = ErrEmailTaken
		}
		return User{}, err
	}
	hash, err := s.hasher.Hash(ctx, in.Password)
	if err != nil {
		return User{}, fmt.Errorf("hash the new password: %w", err)
	}
	return s.store.Users().Insert(ctx, NewUser{Email: email, PasswordHash: hash, CreatedAt: s.now()})
}

func (s *authService) Login(ctx context.Context, in Credentials) (Tokens, error) {
	if err := Invalid(checkLoginPassword("password", in.Password)...); err != nil {
		return Tokens{}, err
	}
	session, err := s.open(ctx, in)
	if errors.Is(err, ErrPasswordChanged) {
		// A login beside this one may have upgraded a stale hash, which leaves the password as it was: look once more.
		session, err = s.open(ctx, in)
	}
	if errors.Is(err, ErrPasswordChanged) {
		return Tokens{}, ErrInvalidCredentials
	} else if err != nil {
		return Tokens{}, err
	}
	issued := session.CreatedAt.Truncate(time.Second)
	access, err := s.tokens.Issue(ctx, Claims{UserID: session.UserID, SessionID: session.ID, IssuedAt: issued, ExpiresAt: issued.Add(s.life)})
	if err != nil {
		return Tokens{}, fmt.Errorf("issue an access token: %w", err)
	}
	return Tokens{UserID: session.UserID, Access: access, ExpiresIn: s.life}, nil
}

// open opens a session if the credentials are right and stay so meanwhile, else it returns [ErrPasswordChanged].
func (s *authService) open(ctx context.Context, in Credentials) (NewSession, error) {
	known, err := s.verify(ctx, in)
	if err != nil {
		return NewSession{}, err
	}
	session := NewSession{ID: NewSessionID(), UserID: known.UserID, PasswordHash: known.PasswordHash, CreatedAt: s.now(), Client: in.Client}
	if err := s.store.Sessions().Insert(ctx, session); err != nil {
		return NewSession{}, fmt.Errorf("open a session: %w", err)
	}
	return session, nil
}

// verify returns the credential that the password fits, upgraded if it was stale.
func (s *authService) verify(ctx context.Context, in Credentials) (Credential, error) {
	known, err := Credential{}, error(ErrUserNotFound)
	if email, ok := ParseEmail(in.Email); ok {
		known, err = s.store.Users().Credential(ctx, email)
	}
	if errors.Is(err, ErrUserNotFound) {
		known.PasswordHash = s.dummyHash
	} else if err != nil {
		return Credential{}, err
	}
	ok, stale, err := s.hasher.Verify(ctx, known.PasswordHash, in.Password)
	if err != nil {
		return Credential{}, fmt.Errorf("verify a password: %w", err)
	}
	if !ok || known.UserID == 0 {
		return Credential{}, ErrInvalidCredentials
	}
	if stale {
		return s.upgrade(ctx, known, in.Password)
	}
	return known, nil
}

// upgrade replaces a stale hash. When the queue is full the old hash stays until the next login. When another hash stands
// there by now, the session's insert will notice.
func (s *authService) upgrade(ctx context.Context, known Credential, p Password) (Credential, error) {
	fresh, err := s.hasher.Hash(ctx, p)
	if errors.Is(err, ErrBusy) {
		return known, nil
	} else if err != nil {
		return Credential{}, fmt.Errorf("upgrade a password hash: %w", err)
	}
	if _, err := s.store.Users().UpdatePasswordHash(ctx, known.UserID, known.PasswordHash, fresh); err != nil {
		return Credential{}, fmt.Errorf("upgrade a password hash: %w", err)
	}
	known.PasswordHash = fresh
	return known, nil
}

func (s *authService) Authenticate(ctx context.Context, access string) (Caller, error) {
	claims, err := s.tokens.Verify(ctx, access, s.now())
	if err != nil {
		return Caller{}, err
	}
	return Caller{UserID: claims.UserID, SessionID: claims.SessionID}, nil
}
