package postgres

import (
	"context"
	"time"

	db "example.com/postern/adapters/postgres/internal/pgdb"
	"example.com/postern/domain"
)

func (r idempotency) Replay(
	ctx context.Context, user domain.UserID, key string, now time.Time,
) (domain.IdempotencyRecord, error) {
	row, err := change(ctx, r.access, (*db.Queries).ReplayIdempotencyKey, db.ReplayIdempotencyKeyParams{UserID: user, Key: key, Now: now})
	return domain.IdempotencyRecord(row), orNotFound(err, domain.ErrNoIdempotencyRecord)
}

func (r idempotency) DeleteExpired(ctx context.Context, now time.Time, limit int) (int, error) {
	return sweep(ctx, r.access, (*db.Queries).DeleteExpiredIdempotencyKeys,
		db.DeleteExpiredIdempotencyKeysParams{Now: now, BatchSize: pageSize(limit)})
}

// insertRecord inserts a record, unless its key is taken by one that has not expired.
func insertRecord(ctx context.Context, q *db.Queries, record domain.IdempotencyRecord, now time.Time) error {
	expired := db.DropExpiredIdempotencyKeyParams{UserID: record.UserID, Key: record.Key, Now: now}
	if err := q.DropExpiredIdempotencyKey(ctx, expired); err != nil {
		return err
	}
	n, err := q.InsertIdempotencyKey(ctx, db.InsertIdempotencyKeyParams(record))
	return requireRow(n, err, domain.ErrIdempotencyKeyTaken)
}
