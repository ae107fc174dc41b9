package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"example.com/postern/adapters/sqlite/internal/litedb"
	"example.com/postern/domain"
)

func (s *Store) writeEpoch(ctx context.Context, fn func(context.Context, *litedb.Queries) error) error {
	return s.write(ctx, fn)
}

// skipIDs moves a table's ids forward by [domain.EpochIDStep]. A table that never had a row has no last id yet.
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
