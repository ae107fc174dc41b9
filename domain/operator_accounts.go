package domain

import (
	"cmp"
	"context"
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
	created := *cmp.Or(in.CreatedAt, &now)
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

// SetPassword implements [Operator].
func (o *AccountOperator) SetPassword(ctx context.Context, address string, p Password) error {
	email, _, err := o.find(ctx, address)
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
	change := func(tx Repositories, owner User, now time.Time) error {
		if err := setHash(ctx, tx, owner.ID, fresh); err != nil {
			return err
		}
		return addNotice(ctx, tx, o.notices, MailPasswordChanged, owner, now)
	}
	_, err = o.revokeAccess(ctx, ActionSetPassword, EventPasswordChanged, address, change)
	return err
}

// SetEmail implements [Operator].
func (o *AccountOperator) SetEmail(ctx context.Context, address, replacement string) error {
	email, ok := ParseEmail(replacement)
	if !ok {
		return Invalid(badEmail)
	}
	change := func(tx Repositories, owner User, now time.Time) error {
		if err := tx.Users().ChangeEmail(ctx, owner.ID, email, now); err != nil {
			return err
		}
		return addNotice(ctx, tx, o.notices, MailEmailChanged, owner, now)
	}
	_, err := o.revokeAccess(ctx, ActionSetEmail, EventEmailChanged, address, change)
	return err
}

// EndSessions implements [Operator].
func (o *AccountOperator) EndSessions(ctx context.Context, address string) (int, error) {
	change := func(tx Repositories, owner User, _ time.Time) error { return keepHash(ctx, tx, owner.ID) }
	return o.revokeAccess(ctx, ActionEndSessions, "", address, change)
}

// Suspend implements [Operator].
func (o *AccountOperator) Suspend(ctx context.Context, address string) (int, error) {
	change := func(tx Repositories, owner User, now time.Time) error {
		return tx.Users().SetSuspended(ctx, owner.ID, &now)
	}
	return o.revokeAccess(ctx, ActionSuspendUser, EventAccountSuspended, address, change)
}

// revokeAccess changes an account, and voids its e-mail tokens, so that nobody finishes a change of address, and ends all its
// sessions, in one transaction. It returns how many sessions. It records their ends, and the event unless it has no name.
func (o *AccountOperator) revokeAccess(
	ctx context.Context, name OperatorActionName, event SecurityEventName, address string,
	change func(tx Repositories, owner User, now time.Time) error,
) (int, error) {
	_, known, err := o.find(ctx, address)
	if err != nil {
		return 0, err
	}
	var ended []SessionID
	err = o.act(ctx, name, func(tx Repositories, now time.Time) (_ int64, err error) {
		ended, err = revokeAccess(ctx, tx, known.UserID, "", now, func(owner User) error { return change(tx, owner, now) })
		return int64(known.UserID), err
	})
	if err != nil {
		return 0, err
	}
	recordEnds(ctx, o.events, known.UserID, ended)
	if event != "" {
		o.events.Record(ctx, SecurityEvent{Name: event, UserID: known.UserID})
	}
	return len(ended), nil
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

// AccountState is what an operator sees of an account.
type AccountState struct {
	User
	Suspended bool
	Sessions  int // live ones, at most [MaxSessions]
}

// Show implements [Operator].
func (o *AccountOperator) Show(ctx context.Context, address string) (AccountState, error) {
	_, known, err := o.find(ctx, address)
	if err != nil {
		return AccountState{}, err
	}
	user, err := o.store.Users().ByID(ctx, known.UserID)
	if err != nil {
		return AccountState{}, err
	}
	now, err := o.store.Now(ctx)
	if err != nil {
		return AccountState{}, fmt.Errorf("show an account: %w", err)
	}
	live, err := o.store.Sessions().Live(ctx, user.ID, now, MaxSessions)
	return AccountState{User: user, Suspended: known.Suspended, Sessions: len(live)}, err
}
