package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"example.com/postern/adapters/postgres/internal/pgdb"
	"example.com/postern/domain"
)

// begin works in READ COMMITTED, so that each statement also sees the sessions that others began or refreshed meanwhile.
func (s *Store) begin(ctx context.Context, epoch domain.Epoch) error {
	return s.transaction(ctx, pgx.ReadCommitted, func(t *tx) error {
		return t.write(ctx, func(ctx context.Context, q *pgdb.Queries) error { return beginEpoch(ctx, q, epoch) })
	})
}

// beginEpoch writes the epoch's row first, so that a second call waits.
func beginEpoch(ctx context.Context, q *pgdb.Queries, epoch domain.Epoch) error {
	if err := q.SetEpoch(ctx, epoch.ID); err != nil {
		return err
	}
	for _, table := range idTables {
		err := q.SkipIDs(ctx, pgdb.SkipIDsParams{TableName: table, Step: domain.EpochIDStep})
		switch sqlState(err) {
		case valueOutOfRange, sequenceAtItsEnd:
			return domain.ErrNoIDsLeft
		}
		if err != nil {
			return err
		}
	}
	return q.DeleteEverySession(ctx)
}
