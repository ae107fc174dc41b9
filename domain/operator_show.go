package domain

import (
	"context"
	"fmt"
)

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
