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

// NewEpoch implements [domain.Store]. It first deletes the sessions in batches, so that the transaction that starts the
// epoch has few left to delete.
func (s *Store) NewEpoch(ctx context.Context) (domain.Epoch, error) {
	for deleted := int64(sessionBatch); deleted == sessionBatch; {
		var err error
		if deleted, err = change(ctx, s, (*db.Queries).DeleteSomeSessions, sessionBatch); err != nil {
			return domain.Epoch{}, err
		}
	}
	epoch := domain.Epoch{ID: domain.NewEpochID()}
	err := s.writeEpoch(ctx, func(ctx context.Context, q *db.Queries) error { return startEpoch(ctx, q, epoch) })
	if err != nil {
		return domain.Epoch{}, err
	}
	return epoch, nil
}

// startEpoch writes the epoch first, so that a concurrent call waits for this one.
func startEpoch(ctx context.Context, q *db.Queries, epoch domain.Epoch) error {
	if err := q.SetEpoch(ctx, epoch.ID); err != nil {
		return err
	}
	for _, table := range migrations.Tables {
		if !table.MakesIDs {
			continue
		}
		if err := skipIDs(ctx, q, table.Name); err != nil {
			return err
		}
	}
	return q.DeleteEverySession(ctx)
}
