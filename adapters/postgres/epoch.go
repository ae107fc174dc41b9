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

func epoch(ctx context.Context, a access) (domain.Epoch, error) {
	row, err := get(ctx, a, (*db.Queries).Epoch)
	return domain.Epoch{ID: row.ID, First: row.IsFirst}, err
}

// epochBatch is how many sessions or mails are deleted in one transaction.
const epochBatch = 1000

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

// renewEpoch first deletes the sessions in batches, so that the transaction that starts the epoch has few left to delete. If the
// history of the store was cut, it also deletes the mails, and skips ids. It returns how many sessions it deleted.
func (s *Store) renewEpoch(
	ctx context.Context, cut bool, action domain.OperatorAction,
) (epoch domain.Epoch, ended int64, err error) {
	for deleted := int64(epochBatch); deleted == epochBatch; ended += deleted {
		if deleted, err = change(ctx, s, (*db.Queries).DeleteSomeSessions, epochBatch); err != nil {
			return domain.Epoch{}, 0, err
		}
	}
	for deleted := int64(epochBatch); cut && deleted == epochBatch; {
		if deleted, err = change(ctx, s, (*db.Queries).DeleteSomeOutboxItems, epochBatch); err != nil {
			return domain.Epoch{}, 0, err
		}
	}
	epoch = domain.Epoch{ID: domain.NewEpochID()}
	var rest int64
	err = s.writeEpoch(ctx, func(ctx context.Context, q *db.Queries) (err error) {
		if rest, err = startEpoch(ctx, q, epoch, cut); err != nil {
			return err
		}
		return insertAction(ctx, q, action)
	})
	if err != nil {
		return domain.Epoch{}, 0, err
	}
	return epoch, ended + rest, nil
}

// startEpoch starts an epoch and deletes the remaining sessions, whose number it returns. It writes the epoch first, so that a
// concurrent call waits for this one.
func startEpoch(ctx context.Context, q *db.Queries, epoch domain.Epoch, cut bool) (ended int64, err error) {
	if err := q.SetEpoch(ctx, epoch.ID); err != nil {
		return 0, err
	}
	if cut {
		if err := forgetHistory(ctx, q); err != nil {
			return 0, err
		}
	}
	return q.DeleteEverySession(ctx)
}

// forgetHistory skips the ids that a lost history may have used. It also deletes the mails, because that history has sent
// them.
func forgetHistory(ctx context.Context, q *db.Queries) error {
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
	return q.DeleteEveryEmailToken(ctx)
}
