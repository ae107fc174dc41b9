package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"

	"example.com/postern/adapters/postgres/internal/pgdb"
	"example.com/postern/domain"
)

// idTables are the tables whose ids the database makes.
var idTables = []string{"users", "posts"}

// Epoch implements [domain.Repositories].
func (s *Store) Epoch(ctx context.Context) (domain.Epoch, error) { return epoch(ctx, s) }

func (t *tx) Epoch(ctx context.Context) (domain.Epoch, error) { return epoch(ctx, t) }

func epoch(ctx context.Context, a access) (domain.Epoch, error) {
	var row pgdb.EpochRow
	err := a.read(ctx, func(ctx context.Context, q *pgdb.Queries) (err error) {
		row, err = q.Epoch(ctx)
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
		err := s.write(ctx, func(ctx context.Context, q *pgdb.Queries) (err error) {
			removed, err = q.DeleteSomeSessions(ctx, sessionBatch)
			return err
		})
		if err != nil {
			return domain.Epoch{}, err
		}
	}
	epoch := domain.Epoch{ID: domain.NewEpochID()}
	err := s.rerun(ctx, func() (outcome, error) {
		// READ COMMITTED: each statement also sees the sessions that others refreshed or began meanwhile.
		return s.attempt(ctx, pgx.ReadCommitted, func(t *tx) error {
			return t.write(ctx, func(ctx context.Context, q *pgdb.Queries) error { return beginEpoch(ctx, q, epoch) })
		})
	})
	if err != nil {
		return domain.Epoch{}, err
	}
	return epoch, nil
}

// beginEpoch takes the row of the epoch first, which keeps a second one waiting.
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
