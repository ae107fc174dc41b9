package domain

import (
	"context"
	"strings"
	"time"
)

// OperatorAction records what an operator did. It holds no e-mail address and no text of a post.
type OperatorAction struct {
	At     time.Time // by the store's clock
	By     string    // the operator's account on the operating system
	Name   OperatorActionName
	Target int64 // the ID of the user or the post; 0 if the action concerns all accounts
}

// OperatorActionName is the command that an operator ran. Scripts can rely on it.
type OperatorActionName string

// The names of actions. A name that begins with "users" has a user as its target, one that begins with "posts" a post.
const (
	ActionImportUser      OperatorActionName = "users import" // one for each account
	ActionSetPassword     OperatorActionName = "users set-password"
	ActionSetEmail        OperatorActionName = "users set-email"
	ActionEndSessions     OperatorActionName = "users end-sessions"
	ActionSuspendUser     OperatorActionName = "users suspend"
	ActionRestoreUser     OperatorActionName = "users restore"
	ActionHidePost        OperatorActionName = "posts hide"
	ActionShowPost        OperatorActionName = "posts show"
	ActionEndEverySession OperatorActionName = "sessions end"
	ActionNewEpoch        OperatorActionName = "epoch new"
)

// TargetKind returns "user" or "post", or "" if the action concerns all accounts.
func (n OperatorActionName) TargetKind() string {
	switch group, _, _ := strings.Cut(string(n), " "); group {
	case "users":
		return "user"
	case "posts":
		return "post"
	}
	return ""
}

// ActionRepository stores the actions of operators. None is ever changed or deleted.
type ActionRepository interface {
	// Insert adds an action.
	Insert(ctx context.Context, a OperatorAction) error

	// Newest returns at most limit actions, newest first by At.
	Newest(ctx context.Context, limit int) ([]OperatorAction, error)
}

// act runs fn in a transaction, with the store's time, and records the action in the same transaction. fn returns the target.
func (o *AccountOperator) act(
	ctx context.Context, name OperatorActionName, fn func(tx Repositories, now time.Time) (target int64, err error),
) error {
	return o.inTx(ctx, func(tx Repositories, now time.Time) error {
		target, err := fn(tx, now)
		if err != nil {
			return err
		}
		return tx.Actions().Insert(ctx, OperatorAction{At: now, By: o.by, Name: name, Target: target})
	})
}

// allAccounts returns an action that concerns all accounts.
func (o *AccountOperator) allAccounts(ctx context.Context, name OperatorActionName) (OperatorAction, error) {
	now, err := o.store.Now(ctx)
	return OperatorAction{At: now, By: o.by, Name: name}, err
}
