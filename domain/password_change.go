package domain

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// PasswordChange is the input of a change of password.
type PasswordChange struct {
	Current, New Password
	Client       Client
}

// ChangePassword implements [AuthService].
func (s *Auth) ChangePassword(ctx context.Context, caller Caller, in PasswordChange) error {
	user, err := s.options.Store.Users().ByID(ctx, caller.UserID)
	if err != nil {
		return badCaller(err)
	}
	bad := slices.Concat(
		checkLoginPassword("current_password", in.Current),
		checkNewPassword("new_password", in.New, user.Email, s.options.MinPassword),
	)
	if err := Invalid(bad...); err != nil {
		return err
	}
	err = s.withPassword(ctx, caller, func() error { return s.changePassword(ctx, caller, user, in) })
	if err != nil {
		return err
	}
	s.options.Events.Record(ctx, SecurityEvent{Name: EventPasswordChanged, UserID: caller.UserID, SessionID: caller.SessionID})
	return nil
}

// changePassword changes a password and ends the other sessions. It returns [ErrPasswordChanged] if the stored hash is no
// longer the verified one.
func (s *Auth) changePassword(ctx context.Context, caller Caller, user User, in PasswordChange) error {
	known, err := s.verifyCaller(ctx, caller, user.Email, in.Client, in.Current)
	if err != nil {
		return err
	}
	fresh, err := s.options.Hasher.Hash(ctx, in.Client.Network(), in.New)
	if err != nil {
		return fmt.Errorf("hash the new password: %w", err)
	}
	notify, err := s.mayNotify(ctx, user, in.Client.Network())
	if err != nil {
		return err
	}
	_, err = s.sessions.end(ctx, caller.UserID, func(tx Repositories, now time.Time) ([]SessionID, error) {
		if _, err := ownSession(ctx, tx, caller, now); err != nil {
			return nil, err
		}
		return revokeAccess(ctx, tx, caller.UserID, caller.SessionID, now, func(owner User) error {
			if err := replaceHash(ctx, tx, owner.ID, known.PasswordHash, fresh); err != nil {
				return err
			}
			return addNotice(ctx, tx, notify, MailPasswordChanged, owner, now)
		})
	})
	return err
}

// replaceHash replaces a password hash, or returns [ErrPasswordChanged] if the stored one is no longer old.
func replaceHash(ctx context.Context, tx Repositories, user UserID, old, fresh string) error {
	replaced, err := tx.Users().UpdatePasswordHash(ctx, user, old, fresh)
	if err != nil {
		return fmt.Errorf("replace a password hash: %w", err)
	}
	if !replaced {
		return ErrPasswordChanged
	}
	return nil
}

// setHash replaces the password hash of a user, whatever the present one is.
func setHash(ctx context.Context, tx Repositories, user UserID, fresh string) error {
	return updateHash(ctx, tx, user, func(string) string { return fresh })
}

// keepHash writes the password hash of a user again. Because of this write, a concurrent request that adds a link for the user
// and writes the hash too either comes first or runs again.
func keepHash(ctx context.Context, tx Repositories, user UserID) error {
	return updateHash(ctx, tx, user, func(present string) string { return present })
}

func updateHash(ctx context.Context, tx Repositories, user UserID, update func(present string) string) error {
	known, err := tx.Users().CredentialByID(ctx, user)
	if err != nil {
		return err
	}
	err = replaceHash(ctx, tx, user, known.PasswordHash, update(known.PasswordHash))
	if errors.Is(err, ErrPasswordChanged) { // the store runs the transaction again after losing such a race
		err = fmt.Errorf("%w: the password hash changed while it was replaced", ErrStoreUnavailable)
	}
	return err
}

// withPassword runs fn, which verifies the caller's password and returns [ErrPasswordChanged] if the stored hash has changed
// since. A concurrent login may have upgraded a stale hash, which does not change the password, so fn runs once more then.
func (s *Auth) withPassword(ctx context.Context, caller Caller, fn func() error) error {
	err := fn()
	if errors.Is(err, ErrPasswordChanged) {
		err = fn()
	}
	if errors.Is(err, ErrPasswordChanged) {
		err = ErrInvalidCredentials
		s.recordRefusal(ctx, err, caller.event)
	}
	return err
}

// verifyCaller returns the caller's credential if the password matches it. It counts and records the outcome like that of a
// login.
func (s *Auth) verifyCaller(
	ctx context.Context, caller Caller, email Email, client Client, p Password,
) (known Credential, err error) {
	err = s.tryPassword(ctx, string(email), client, func() (err error) {
		if known, err = s.options.Store.Users().CredentialByID(ctx, caller.UserID); err != nil {
			return badCaller(err)
		}
		_, err = s.verify(ctx, client.Network(), known, p)
		return err
	})
	if err != nil {
		s.recordRefusal(ctx, err, caller.event)
	}
	return known, err
}
