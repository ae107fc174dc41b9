package domain

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Operator changes accounts on behalf of the people who run the service.
type Operator interface {
	// Import adds an account from another service. It returns [ErrEmailTaken], or an error of kind [ErrInvalid] for an invalid
	// address, an unsupported hash, or a time out of bounds.
	Import(ctx context.Context, u ImportedUser) (User, error)

	// SetPassword atomically replaces a password, under the rules of a sign-up, voids the e-mail tokens of the account, and ends
	// all its sessions. It returns [ErrUserNotFound] or an error of kind [ErrInvalid].
	SetPassword(ctx context.Context, email string, p Password) error

	// EndSessions ends all sessions of an account and returns how many, or [ErrUserNotFound].
	EndSessions(ctx context.Context, email string) (int, error)

	// Show returns the state of an account, or [ErrUserNotFound].
	Show(ctx context.Context, email string) (AccountState, error)
}

// ImportedUser is an account from another service.
type ImportedUser struct {
	Email        string
	PasswordHash string
	CreatedAt    *time.Time // from 1970 until now; nil means now

	EmailVerifiedAt *time.Time // from 1970 until now; nil if the address is unconfirmed
}

// AccountOperator implements [Operator] on a [Store].
type AccountOperator struct {
	store       Store
	hasher      PasswordHasher
	clock       Clock
	minPassword int
	events      SecurityLog
	notices     bool
}

// NewAccountOperator returns an operator on the store. New passwords need at least minPassword characters. Running instances
// refuse the sessions that it ends within a second. If notices is true, users are told by mail of a new password.
func NewAccountOperator(
	store Store, hasher PasswordHasher, clock Clock, minPassword int, events SecurityLog, notices bool,
) *AccountOperator {
	return &AccountOperator{store, hasher, clock, minPassword, events, notices}
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
	user := NewUser{Email: email, PasswordHash: in.PasswordHash, CreatedAt: created.UTC().Truncate(time.Microsecond)}
	if in.EmailVerifiedAt != nil {
		bad = append(bad, checkPast("email_verified_at", *in.EmailVerifiedAt, now)...)
		verified := in.EmailVerifiedAt.UTC().Truncate(time.Microsecond)
		user.EmailVerifiedAt = &verified
	}
	if err := Invalid(bad...); err != nil {
		return User{}, err
	}
	return o.store.Users().Insert(ctx, user)
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
	err = inTxAtStoreTime(ctx, o.store, o.clock, func(tx Repositories, now time.Time) error {
		known, err := tx.Users().CredentialByID(ctx, user)
		if err != nil {
			return fmt.Errorf("set a password: %w", err)
		}
		replaced, err := tx.Users().UpdatePasswordHash(ctx, user, known.PasswordHash, hash)
		if err != nil {
			return fmt.Errorf("set a password: %w", err)
		}
		if !replaced {
			return ErrPasswordChanged
		}
		owner, err := voidEmailTokens(ctx, tx, user)
		if err != nil {
			return err
		}
		if err := addNotice(ctx, tx, o.notices, MailPasswordChanged, owner, now); err != nil {
			return err
		}
		ended, err = tx.Sessions().EndAll(ctx, user, "", now)
		return err
	})
	return ended, err
}

// EndSessions implements [Operator].
func (o *AccountOperator) EndSessions(ctx context.Context, address string) (int, error) {
	_, known, err := o.find(ctx, address)
	if err != nil {
		return 0, err
	}
	var ended []SessionID
	err = inTxAtStoreTime(ctx, o.store, o.clock, func(tx Repositories, now time.Time) (err error) {
		ended, err = tx.Sessions().EndAll(ctx, known.UserID, "", now)
		return err
	})
	if err == nil {
		o.recordEnds(ctx, known.UserID, ended)
	}
	return len(ended), err
}

// find returns the account with an address, or [ErrUserNotFound].
func (o *AccountOperator) find(ctx context.Context, address string) (Email, Credential, error) {
	email, ok := ParseEmail(address)
	if !ok {
		return "", Credential{}, ErrUserNotFound
	}
	known, err := o.store.Users().Credential(ctx, email)
	return email, known, err
}
