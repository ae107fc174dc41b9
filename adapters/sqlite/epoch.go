// Code generated from adapters/postgres/epoch.go by make generate. DO NOT EDIT.

package sqlite

import (
	"context"

	db "example.com/postern/adapters/sqlite/internal/litedb"
	"example.com/postern/domain"
	"example.com/postern/sql/migrations"
)

// Epoch implements [domain.Repositories].
func (s *Store) Epoch(ctx context.Context) (domain.Epoch, error) { return epoch(ctx, s) }

func (t *tx) Epoch(ctx context.Context) (domain.Epoch, error) { return epoch(ctx, t) }

func epoch(ctx context.Context, a access) (domain.Epoch, error) {
	row, err := get(ctx, a, (*db.Queries).Epoch)
	return domain.Epoch{ID: row.ID, First: row.IsFirst}, err
}

// sessionBatch is how many sessions are deleted in one transaction.
const sessionBatch = 1000

// NewEpoch implements [domain.Store].
func (s *Store) NewEpoch(ctx context.Context, action domain.OperatorAction) (domain.Epoch, error) {
	epoch, _, err := s.renewEpoch(ctx, true, action)
	return epoch, err
}

// EndEverySession implements [domain.Store].
func (s *Store) EndEverySession(ctx context.Context, action domain.OperatorAction) (int, error) {
	_, ended, err := s.renewEpoch(ctx, false, action)
	return int(ended), err
}

// renewEpoch first deletes the sessions in batches, so that the transaction that starts the epoch has few left to delete. It
// returns how many sessions it deleted.
func (s *Store) renewEpoch(ctx context.Context, skip bool, action domain.OperatorAction) (epoch domain.Epoch, ended int64, err error) {
	for deleted := int64(sessionBatch); deleted == sessionBatch; ended += deleted {
		if deleted, err = change(ctx, s, (*db.Queries).DeleteSomeSessions, sessionBatch); err != nil {
			return domain.Epoch{}, 0, err
		}
	}
	epoch = domain.Epoch{ID: domain.NewEpochID()}
	var rest int64
	err = s.writeEpoch(ctx, func(ctx context.Context, q *db.Queries) (err error) {
		if rest, err = startEpoch(ctx, q, epoch, skip); err != nil {
			return err
		}
		return insertAction(ctx, q, action)
	})
	if err != nil {
		return domain.Epoch{}, 0, err
	}
	return epoch, ended + rest, nil
}

// startEpoch starts an epoch, whose ids skip some if skip is true, and deletes the remaining sessions, whose number it returns. It
// writes the epoch first, so that a concurrent call waits for this one.
func startEpoch(ctx context.Context, q *db.Queries, epoch domain.Epoch, skip bool) (ended int64, err error) {
	if err := q.SetEpoch(ctx, epoch.ID); err != nil {
		return 0, err
	}
	for _, table := range migrations.Tables {
		if !skip || !table.MakesIDs {
			continue
		}
		if err := skipIDs(ctx, q, table.Name); err != nil {
			return 0, err
		}
	}
	return q.DeleteEverySession(ctx)
}
