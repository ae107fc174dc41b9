package postgres

import (
	"context"

	db "example.com/postern/adapters/postgres/internal/pgdb"
	"example.com/postern/domain"
	"example.com/postern/sql/migrations"
)

// Epoch implements [domain.Repositories].
func (s *Store) Epoch(ctx context.Context) (domain.Epoch, error) { return epoch(ctx, s) }

func (t *tx) Epoch(ctx context.Context) (domain.Epoch, error) { return epoch(ctx, t) }

func epoch(ctx context.Context, a access) (epoch domain.Epoch, err error) {
	err = a.read(ctx, func(ctx context.Context, q *db.Queries) error {
		row, err := q.Epoch(ctx)
		epoch = domain.Epoch{ID: row.ID, First: row.IsFirst}
		return err
	})
	return epoch, err
}

// epochBatch is how many sessions or mails are deleted in one transaction.
const epochBatch = 1000

// NewEpoch implements [domain.Store]. It first deletes the sessions and mails in batches, so that the transaction that starts
// the epoch has few left to delete.
func (s *Store) NewEpoch(ctx context.Context) (domain.Epoch, error) {
	for deleted := int64(epochBatch); deleted == epochBatch; {
		var err error
		if deleted, err = change(ctx, s, (*db.Queries).DeleteSomeSessions, epochBatch); err != nil {
			return domain.Epoch{}, err
		}
	}
	for deleted := int64(epochBatch); deleted == epochBatch; {
		var err error
		if deleted, err = change(ctx, s, (*db.Queries).DeleteSomeOutboxItems, epochBatch); err != nil {
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
	if err := q.DeleteEveryOutboxItem(ctx); err != nil {
		return err
	}
	if err := q.DeleteEveryEmailToken(ctx); err != nil {
		return err
	}
	return q.DeleteEverySession(ctx)
}
