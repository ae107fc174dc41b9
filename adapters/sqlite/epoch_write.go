package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"example.com/postern/adapters/sqlite/internal/litedb"
	"example.com/postern/domain"
)

func (s *Store) begin(ctx context.Context, epoch domain.Epoch) error {
	return s.write(ctx, func(ctx context.Context, q *litedb.Queries) error { return beginEpoch(ctx, q, epoch) })
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
