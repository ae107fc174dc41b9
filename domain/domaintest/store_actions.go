package domaintest

import (
	"context"
	"slices"

	"example.com/postern/domain"
)

type actions struct{ access }

func (r actions) Insert(ctx context.Context, a domain.OperatorAction) error {
	return r.write(ctx, func(t *tables) error {
		t.actions = append(t.actions, a)
		return nil
	})
}

func (r actions) Newest(ctx context.Context, limit int) (newest []domain.OperatorAction, err error) {
	err = r.read(ctx, func(t *tables) error {
		newest = slices.Clone(t.actions)
		slices.SortStableFunc(newest, func(a, b domain.OperatorAction) int { return b.At.Compare(a.At) })
		newest = newest[:min(len(newest), max(limit, 0))]
		return nil
	})
	return newest, err
}
