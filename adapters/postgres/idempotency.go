package postgres

import (
	"context"
	"fmt"
	"time"

	"example.com/postern/adapters/postgres/internal/pgdb"
	"example.com/postern/domain"
)

type idempotency struct {
	access
	lockTimeout time.Duration
}

// Insert waits for whoever is adding the same, in the index, but no longer than a lock is waited for.
func (r idempotency) Insert(ctx context.Context, record domain.IdempotencyRecord, now time.Time, wait time.Duration) error {
	wait = max(wait, time.Millisecond) // the server counts in these, and 0 means for ever
	expired := pgdb.DropExpiredIdempotencyKeyParams{UserID: record.UserID, Key: record.Key, Now: now}
	err := r.refusable(ctx, func(ctx context.Context, q *pgdb.Queries) error {
		if r.lockTimeout > wait {
			if err := q.SetLockTimeout(ctx, fmt.Sprint(wait.Milliseconds())); err != nil {
				return err
			}
		}
		err := q.DropExpiredIdempotencyKey(ctx, expired)
		if err == nil {
			err = q.InsertIdempotencyKey(ctx, pgdb.InsertIdempotencyKeyParams(record))
		}
		if sqlState(err) == lockNotAvailable {
			return fmt.Errorf("%w: %w", domain.ErrIdempotencyInProgress, err)
		}
		return err
	})
	if violates(err, "idempotency_keys_pkey") {
		return domain.ErrIdempotencyKeyTaken
	}
	return err
}

func (r idempotency) Replay(ctx context.Context, user domain.UserID, key string, now time.Time) (domain.IdempotencyRecord, error) {
	var row pgdb.IdempotencyKey
	err := r.write(ctx, func(ctx context.Context, q *pgdb.Queries) (err error) {
		row, err = q.ReplayIdempotencyKey(ctx, pgdb.ReplayIdempotencyKeyParams{UserID: user, Key: key, Now: now})
		return err
	})
	return domain.IdempotencyRecord(row), orNotFound(err, domain.ErrNoIdempotencyRecord)
}

func (r idempotency) DeleteExpired(ctx context.Context, now time.Time, limit int) (int, error) {
	return sweep(ctx, r, func(ctx context.Context, q *pgdb.Queries) (int64, error) {
		expired := pgdb.DeleteExpiredIdempotencyKeysParams{Now: now, BatchSize: pageSize(limit)}
		return q.DeleteExpiredIdempotencyKeys(ctx, expired)
	})
}
