package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"example.com/postern/adapters/postgres/internal/pgdb"
	"example.com/postern/domain"
)

// writeEpoch runs fn in READ COMMITTED, so that each statement also sees the sessions that others have begun or
// refreshed in the meantime.
func (s *Store) writeEpoch(ctx context.Context, fn func(context.Context, *pgdb.Queries) error) error {
	return s.transaction(ctx, pgx.ReadCommitted, func(t *tx) error { return t.write(ctx, fn) })
}

// skipIDs moves a table's ids forward by [domain.EpochIDStep].
func skipIDs(ctx context.Context, q *pgdb.Queries, table string) error {
	err := q.SkipIDs(ctx, pgdb.SkipIDsParams{TableName: table, Step: domain.EpochIDStep})
	switch sqlState(err) {
	case valueOutOfRange, sequenceAtItsEnd:
		return domain.ErrNoIDsLeft
	}
	return err
}
