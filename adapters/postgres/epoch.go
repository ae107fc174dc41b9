package postgres

import (
	"context"

	db "example.com/postern/adapters/postgres/internal/pgdb"
	"example.com/postern/domain"
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

// idTables are the tables whose ids the database makes.
var idTables = []string{"users", "posts"}

// sessionBatch is how many sessions are removed in one transaction.
const sessionBatch = 1000

// NewEpoch implements [domain.Store]. It first removes the sessions in batches, so that the transaction that begins the
// epoch has few left to remove.
func (s *Store) NewEpoch(ctx context.Context) (domain.Epoch, error) {
	for removed := int64(sessionBatch); removed == sessionBatch; {
		var err error
		if removed, err = change(ctx, s, (*db.Queries).DeleteSomeSessions, sessionBatch); err != nil {
			return domain.Epoch{}, err
		}
	}
	epoch := domain.Epoch{ID: domain.NewEpochID()}
	if err := s.begin(ctx, epoch); err != nil {
		return domain.Epoch{}, err
	}
	return epoch, nil
}
