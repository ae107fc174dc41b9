package sqlite

import (
	"context"
	"time"

	"example.com/postern/adapters/sqlite/internal/litedb"
	"example.com/postern/domain"
)

// idempotency implements [domain.IdempotencyRepository]. It never meets a record that is being added: writes have one turn each.
type idempotency struct{ access }

func (r idempotency) Insert(ctx context.Context, record domain.IdempotencyRecord, now time.Time, _ time.Duration) error {
	return r.write(ctx, func(ctx context.Context, q *litedb.Queries) error {
		expired := litedb.DropExpiredIdempotencyKeyParams{UserID: record.UserID, Key: record.Key, Now: now}
		if err := q.DropExpiredIdempotencyKey(ctx, expired); err != nil {
			return err
		}
		n, err := q.InsertIdempotencyKey(ctx, litedb.InsertIdempotencyKeyParams(record))
		if err == nil && n == 0 {
			return domain.ErrIdempotencyKeyTaken
		}
		return err
	})
}

func (r idempotency) Replay(ctx context.Context, user domain.UserID, key string, now time.Time) (domain.IdempotencyRecord, error) {
	var row litedb.IdempotencyKey
	err := r.write(ctx, func(ctx context.Context, q *litedb.Queries) (err error) {
		row, err = q.ReplayIdempotencyKey(ctx, litedb.ReplayIdempotencyKeyParams{UserID: user, Key: key, Now: now})
		return err
	})
	return domain.IdempotencyRecord(row), orNotFound(err, domain.ErrNoIdempotencyRecord)
}

func (r idempotency) DeleteExpired(ctx context.Context, now time.Time, limit int) (int, error) {
	return sweep(ctx, r, func(ctx context.Context, q *litedb.Queries) (int64, error) {
		expired := litedb.DeleteExpiredIdempotencyKeysParams{Now: now, BatchSize: pageSize(limit)}
		return q.DeleteExpiredIdempotencyKeys(ctx, expired)
	})
}
