package domain

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// ImportedUser is an account from another service.
type ImportedUser struct {
	Email        string
	PasswordHash string
	CreatedAt    *time.Time // from 1970 until now; nil means now

	EmailVerifiedAt *time.Time // from 1970 until now; nil if the address is unconfirmed
}

// Import implements [Operator].
func (o *AccountOperator) Import(ctx context.Context, in ImportedUser) (User, error) {
	email, ok := ParseEmail(in.Email)
	var bad []FieldError
	if !ok {
		bad = append(bad, badEmail)
	}
	if !o.hasher.Accepts(in.PasswordHash) {
		bad = append(bad, FieldError{"hash", "format", "must be a hash of a supported algorithm, at an acceptable cost"})
	}
	now := o.clock.Now()
	created := now
	if in.CreatedAt != nil {
		created = *in.CreatedAt
	}
	bad = append(bad, checkPast("created_at", created, now)...)
	imported := NewUser{Email: email, PasswordHash: in.PasswordHash, CreatedAt: created.UTC().Truncate(time.Microsecond)}
	if in.EmailVerifiedAt != nil {
		bad = append(bad, checkPast("email_verified_at", *in.EmailVerifiedAt, now)...)
		verified := in.EmailVerifiedAt.UTC().Truncate(time.Microsecond)
		imported.EmailVerifiedAt = &verified
	}
	if err := Invalid(bad...); err != nil {
		return User{}, err
	}
	var user User
	err := o.act(ctx, ActionImportUser, func(tx Repositories, _ time.Time) (_ int64, err error) {
		user, err = tx.Users().Insert(ctx, imported)
		return int64(user.ID), err
	})
	return user, err
}

// checkPast checks a time of an imported account.
func checkPast(field string, t, now time.Time) []FieldError {
	switch {
	case t.Before(time.Unix(0, 0)):
		return []FieldError{{field, "minimum", "must not be before 1970"}}
	case t.After(now):
		return []FieldError{{field, "maximum", "must not be in the future"}}
	}
	return nil
}

// maxAttempts is how often SetPassword tries to replace a hash that concurrent logins upgrade.
const maxAttempts = 3

// SetPassword implements [Operator].
func (o *AccountOperator) SetPassword(ctx context.Context, address string, p Password) error {
	email, known, err := o.find(ctx, address)
	if err != nil {
		return err
	}
	if err := Invalid(checkNewPassword("password", p, email, o.minPassword)...); err != nil {
		return err
	}
	fresh, err := o.hasher.Hash(ctx, "", p)
	if err != nil {
		return fmt.Errorf("hash the new password: %w", err)
	}
	var ended []SessionID
	for range maxAttempts {
		if ended, err = o.replaceHash(ctx, known.UserID, fresh); !errors.Is(err, ErrPasswordChanged) {
			break
		}
	}
	if err == nil {
		o.events.Record(ctx, SecurityEvent{Name: EventPasswordChanged, UserID: known.UserID})
		o.recordEnds(ctx, known.UserID, ended)
	}
	return err
}

func (o *AccountOperator) recordEnds(ctx context.Context, user UserID, ended []SessionID) {
	for _, id := range ended {
		o.events.Record(ctx, SecurityEvent{Name: EventSessionEnded, UserID: user, SessionID: id})
	}
}

// replaceHash sets a password hash and ends all sessions, which it returns. It returns [ErrPasswordChanged] if a login has
// replaced the hash meanwhile.
func (o *AccountOperator) replaceHash(ctx context.Context, user UserID, hash string) (ended []SessionID, err error) {
	err = o.act(ctx, ActionSetPassword, func(tx Repositories, now time.Time) (int64, error) {
		known, err := tx.Users().CredentialByID(ctx, user)
		if err != nil {
			return 0, fmt.Errorf("set a password: %w", err)
		}
		replaced, err := tx.Users().UpdatePasswordHash(ctx, user, known.PasswordHash, hash)
		if err != nil {
			return 0, fmt.Errorf("set a password: %w", err)
		}
		if !replaced {
			return 0, ErrPasswordChanged
		}
		owner, err := voidEmailTokens(ctx, tx, user)
		if err != nil {
			return 0, err
		}
		if err := addNotice(ctx, tx, o.notices, MailPasswordChanged, owner, now); err != nil {
			return 0, err
		}
		ended, err = tx.Sessions().EndAll(ctx, user, "", now)
		return int64(user), err
	})
	return ended, err
}

// EndSessions implements [Operator].
func (o *AccountOperator) EndSessions(ctx context.Context, address string) (int, error) {
	_, ended, err := o.endAll(ctx, ActionEndSessions, address, func(Repositories, UserID, time.Time) error { return nil })
	return ended, err
}

// Suspend implements [Operator].
func (o *AccountOperator) Suspend(ctx context.Context, address string) (int, error) {
	user, ended, err := o.endAll(ctx, ActionSuspendUser, address, func(tx Repositories, user UserID, now time.Time) error {
		if err := tx.Users().SetSuspended(ctx, user, &now); err != nil {
			return err
		}
		_, err := voidEmailTokens(ctx, tx, user) // a pending change of address must not move the account
		return err
	})
	if err == nil {
		o.events.Record(ctx, SecurityEvent{Name: EventAccountSuspended, UserID: user})
	}
	return ended, err
}

// endAll runs fn and then ends all sessions of an account, in one transaction. The changes of fn come first: a concurrent login
// then either fails or is seen by EndAll.
func (o *AccountOperator) endAll(
	ctx context.Context, name OperatorActionName, address string, fn func(tx Repositories, user UserID, now time.Time) error,
) (UserID, int, error) {
	_, known, err := o.find(ctx, address)
	if err != nil {
		return 0, 0, err
	}
	var ended []SessionID
	err = o.act(ctx, name, func(tx Repositories, now time.Time) (int64, error) {
		if err := fn(tx, known.UserID, now); err != nil {
			return 0, err
		}
		ended, err = tx.Sessions().EndAll(ctx, known.UserID, "", now)
		return int64(known.UserID), err
	})
	if err != nil {
		return 0, 0, err
	}
	o.recordEnds(ctx, known.UserID, ended)
	return known.UserID, len(ended), nil
}

// Restore implements [Operator].
func (o *AccountOperator) Restore(ctx context.Context, address string) error {
	_, known, err := o.find(ctx, address)
	if err != nil {
		return err
	}
	err = o.act(ctx, ActionRestoreUser, func(tx Repositories, _ time.Time) (int64, error) {
		return int64(known.UserID), tx.Users().SetSuspended(ctx, known.UserID, nil)
	})
	if err == nil {
		o.events.Record(ctx, SecurityEvent{Name: EventAccountRestored, UserID: known.UserID})
	}
	return err
}
