package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"example.com/postern/adapters/sqlite/internal/litedb"
	"example.com/postern/domain"
)

// idTables are the tables whose ids the database makes.
var idTables = []string{"users", "posts"}

// Epoch implements [domain.Repositories].
func (s *Store) Epoch(ctx context.Context) (domain.Epoch, error) { return epoch(ctx, s) }

func (t *tx) Epoch(ctx context.Context) (domain.Epoch, error) { return epoch(ctx, t) }

func epoch(ctx context.Context, a access) (domain.Epoch, error) {
	var row litedb.EpochRow
	err := a.read(ctx, func(ctx context.Context, q *litedb.Queries) (err error) {
		row, err = q.Epoch(context.WithoutCancel(ctx))
		return err
	})
	return domain.Epoch{ID: row.ID, First: row.IsFirst}, err
}

// sessionBatch is how many sessions are removed in one transaction.
const sessionBatch = 1000

// NewEpoch implements [domain.Store]. It removes the sessions first, a batch at a time, so that the transaction that makes the
// epoch has few left to remove.
func (s *Store) NewEpoch(ctx context.Context) (domain.Epoch, error) {
	for removed := int64(sessionBatch); removed == sessionBatch; {
		err := s.write(ctx, func(ctx context.Context, q *litedb.Queries) (err error) {
			removed, err = q.DeleteSomeSessions(ctx, sessionBatch)
			return err
		})
		if err != nil {
			return domain.Epoch{}, err
		}
	}
	epoch := domain.Epoch{ID: domain.NewEpochID()}
	err := s.write(ctx, func(ctx context.Context, q *litedb.Queries) error { return beginEpoch(ctx, q, epoch) })
	if err != nil {
		return domain.Epoch{}, err
	}
	return epoch, nil
}

func beginEpoch(ctx context.Context, q *litedb.Queries, epoch domain.Epoch) error {
	if err := q.SetEpoch(ctx, epoch.ID); err != nil {
		return err
	}
	for _, table := range idTables {
		if err := skipIDs(ctx, q, table); err != nil {
			return err
		}
	}
	return q.DeleteEverySession(ctx)
}

// skipIDs moves a table's ids forward. A table that never had a row has no entry yet.
func skipIDs(ctx context.Context, q *litedb.Queries, table string) error {
	last, err := q.LastID(ctx, table)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if last > domain.MaxID-domain.EpochIDStep {
		return domain.ErrNoIDsLeft
	}
	if err := q.ForgetLastID(ctx, table); err != nil {
		return err
	}
	return q.SetLastID(ctx, litedb.SetLastIDParams{TableName: table, Seq: last + domain.EpochIDStep})
}
