package domain

import (
	"context"
	"time"
)

// Operator acts on accounts, posts and sessions on behalf of the people who run the service. Each method that changes something
// records an [OperatorAction] in the same transaction. Running instances follow within a second.
type Operator interface {
	// Import adds an account from another service. It returns [ErrEmailTaken], or an error of kind [ErrInvalid] for an invalid
	// address, an unsupported hash, or a time out of bounds.
	Import(ctx context.Context, u ImportedUser) (User, error)

	// SetPassword atomically replaces a password, under the rules of a sign-up, voids the e-mail tokens of the account, and ends
	// all its sessions. It returns [ErrUserNotFound] or an error of kind [ErrInvalid].
	SetPassword(ctx context.Context, email string, p Password) error

	// SetEmail atomically gives an account another address, which counts as confirmed, and does what EndSessions does. It returns
	// [ErrUserNotFound], [ErrEmailTaken] or an error of kind [ErrInvalid].
	SetEmail(ctx context.Context, email, replacement string) error

	// EndSessions ends all sessions of an account, and voids its e-mail tokens. It returns how many sessions it ended, or
	// [ErrUserNotFound].
	EndSessions(ctx context.Context, email string) (int, error)

	// Suspend atomically suspends an account and does what EndSessions does. Nobody can log in to a suspended account. Its
	// posts stay as they are. It is idempotent. It returns how many sessions it ended, or [ErrUserNotFound].
	Suspend(ctx context.Context, email string) (int, error)

	// Restore lets the owner of an account log in again, or returns [ErrUserNotFound]. It is idempotent.
	Restore(ctx context.Context, email string) error

	// HidePost hides a post from everybody but its owner, or returns [ErrPostNotFound]. It is idempotent.
	HidePost(ctx context.Context, id PostID) error

	// ShowPost undoes HidePost, or returns [ErrPostNotFound]. It is idempotent.
	ShowPost(ctx context.Context, id PostID) error

	// EndEverySession ends all sessions of all accounts, and returns how many it ended.
	EndEverySession(ctx context.Context) (int, error)

	// NewEpoch gives the store a new epoch (see [Store]).
	NewEpoch(ctx context.Context) (Epoch, error)

	// Actions returns at most limit actions of operators, newest first.
	Actions(ctx context.Context, limit int) ([]OperatorAction, error)

	// Show returns the state of an account, or [ErrUserNotFound].
	Show(ctx context.Context, email string) (AccountState, error)
}

// AccountOperator implements [Operator] on a [Store].
type AccountOperator struct {
	timedStore
	hasher      PasswordHasher
	minPassword int
	events      SecurityLog
	notices     bool
	by          string
}

// NewAccountOperator returns an operator on the store. New passwords need at least minPassword characters. by is the operator's
// account on the operating system. If notices is true, users are told by mail of a new password or address.
func NewAccountOperator(
	store Store, hasher PasswordHasher, clock Clock, minPassword int, events SecurityLog, notices bool, by string,
) *AccountOperator {
	return &AccountOperator{timedStore{store, clock}, hasher, minPassword, events, notices, by}
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

// HidePost implements [Operator].
func (o *AccountOperator) HidePost(ctx context.Context, id PostID) error {
	return o.setHidden(ctx, ActionHidePost, id, true)
}

// ShowPost implements [Operator].
func (o *AccountOperator) ShowPost(ctx context.Context, id PostID) error {
	return o.setHidden(ctx, ActionShowPost, id, false)
}

func (o *AccountOperator) setHidden(ctx context.Context, name OperatorActionName, id PostID, hidden bool) error {
	return o.act(ctx, name, func(tx Repositories, _ time.Time) (int64, error) {
		return int64(id), tx.Posts().SetHidden(ctx, id, hidden)
	})
}

// EndEverySession implements [Operator].
func (o *AccountOperator) EndEverySession(ctx context.Context) (int, error) {
	action, err := o.allAccounts(ctx, ActionEndEverySession)
	if err != nil {
		return 0, err
	}
	return o.store.EndEverySession(ctx, action)
}

// NewEpoch implements [Operator].
func (o *AccountOperator) NewEpoch(ctx context.Context) (Epoch, error) {
	action, err := o.allAccounts(ctx, ActionNewEpoch)
	if err != nil {
		return Epoch{}, err
	}
	return o.store.NewEpoch(ctx, action)
}

// Actions implements [Operator].
func (o *AccountOperator) Actions(ctx context.Context, limit int) ([]OperatorAction, error) {
	return o.store.Actions().Newest(ctx, limit)
}
