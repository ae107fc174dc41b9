package domain

import (
	"context"
	"errors"
	"fmt"
)

// verifyLogin returns the credential that the password fits, upgraded if it was stale, or [ErrInvalidCredentials], after the
// same work whether the account exists or not.
func (s *authService) verifyLogin(ctx context.Context, in Credentials) (Credential, error) {
	known, err := Credential{}, error(ErrUserNotFound)
	if email, ok := ParseEmail(in.Email); ok {
		known, err = s.Store.Users().Credential(ctx, email)
	}
	if errors.Is(err, ErrUserNotFound) {
		known.PasswordHash = s.dummyHash
	} else if err != nil {
		return Credential{}, err
	}
	stale, err := s.verify(ctx, in.Client.Network(), known, in.Password)
	if err == nil && stale {
		return s.upgrade(ctx, in.Client.Network(), known, in.Password)
	}
	return known, err
}

// verify reports whether the hash that the password fits is stale. It returns [ErrInvalidCredentials] for a wrong password,
// and for a credential without a user, whatever the hash says.
func (s *authService) verify(ctx context.Context, from Network, known Credential, p Password) (stale bool, err error) {
	ok, stale, err := s.Hasher.Verify(ctx, from, known.PasswordHash, p)
	if err != nil {
		return false, fmt.Errorf("verify a password: %w", err)
	}
	if !ok || known.UserID == 0 {
		return false, ErrInvalidCredentials
	}
	return stale, nil
}

// upgrade replaces a stale hash. When the queue is full the old hash stays until the next login. When another hash stands
// there by now, the session's insert will notice.
func (s *authService) upgrade(ctx context.Context, from Network, known Credential, p Password) (Credential, error) {
	fresh, err := s.Hasher.Hash(ctx, from, p)
	if errors.Is(err, ErrBusy) {
		return known, nil
	} else if err != nil {
		return Credential{}, fmt.Errorf("upgrade a password hash: %w", err)
	}
	if _, err := s.Store.Users().UpdatePasswordHash(ctx, known.UserID, known.PasswordHash, fresh); err != nil {
		return Credential{}, fmt.Errorf("upgrade a password hash: %w", err)
	}
	known.PasswordHash = fresh
	return known, nil
}
