package domain

import (
	"context"
	"time"
)

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
