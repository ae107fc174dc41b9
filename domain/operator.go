package domain

import (
	"context"
	"errors"
	"fmt"
	"time"
)

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
	CreatedAt    *time.Time // from 1970 until now; nil means now
}

// AccountOperator implements [Operator] on a [Store].
type AccountOperator struct {
	store       Store
	hasher      PasswordHasher
	clock       Clock
	minPassword int
	events      SecurityLog
}

// NewAccountOperator returns an Operator on the store. New passwords have at least minPassword characters. Running instances hear
// within a second of the sessions that it ends. An imported account that does not say when it was made was made now.
func NewAccountOperator(store Store, hasher PasswordHasher, clock Clock, minPassword int, events SecurityLog) *AccountOperator {
	return &AccountOperator{store, hasher, clock, minPassword, events}
}

// Import implements [Operator].
func (o *AccountOperator) Import(ctx context.Context, in ImportedUser) (User, error) {
	email, ok := ParseEmail(in.Email)
	var bad []FieldError
	if !ok {
		bad = append(bad, badEmail)
	}
	if !o.hasher.Accepts(in.PasswordHash) {
		bad = append(bad, FieldError{"hash", "format", "must be a hash of a supported algorithm, at a bearable cost"})
	}
	now := o.clock.Now()
	created := now
	if in.CreatedAt != nil {
		created = *in.CreatedAt
	}
	switch {
	case created.Before(time.Unix(0, 0)):
		bad = append(bad, FieldError{"created_at", "minimum", "must not be before 1970"})
	case created.After(now):
		bad = append(bad, FieldError{"created_at", "maximum", "must not be in the future"})
	}
	if err := Invalid(bad...); err != nil {
		return User{}, err
	}
	created = created.UTC().Truncate(time.Microsecond)
	return o.store.Users().Insert(ctx, NewUser{Email: email, PasswordHash: in.PasswordHash, CreatedAt: created})
}

// swaps is how often SetPassword tries to be faster than the logins that upgrade a stale hash.
const swaps = 3

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
	for range swaps {
		if ended, err = o.swap(ctx, known.UserID, fresh); !errors.Is(err, ErrPasswordChanged) {
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

// swap sets a password hash, ends all sessions and returns them, or returns [ErrPasswordChanged] if a login was faster with another hash.
func (o *AccountOperator) swap(ctx context.Context, user UserID, hash string) (ended []SessionID, err error) {
	err = inTxAtStoreTime(ctx, o.store, o.clock, func(tx Repositories, now time.Time) error {
		known, err := tx.Users().CredentialByID(ctx, user)
		if err != nil {
			return fmt.Errorf("set a password: %w", err)
		}
		swapped, err := tx.Users().UpdatePasswordHash(ctx, user, known.PasswordHash, hash)
		if err != nil {
			return fmt.Errorf("set a password: %w", err)
		}
		if !swapped {
			return ErrPasswordChanged
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

// find returns the account that an address belongs to, or [ErrUserNotFound].
func (o *AccountOperator) find(ctx context.Context, address string) (Email, Credential, error) {
	email, ok := ParseEmail(address)
	if !ok {
		return "", Credential{}, ErrUserNotFound
	}
	known, err := o.store.Users().Credential(ctx, email)
	return email, known, err
}
