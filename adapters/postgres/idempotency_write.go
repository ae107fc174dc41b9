package postgres

import (
	"context"
	"fmt"
	"time"

	"example.com/postern/adapters/postgres/internal/pgdb"
	"example.com/postern/domain"
)

// idempotency implements [domain.IdempotencyRepository].
type idempotency struct {
	access
	lockTimeout time.Duration
}

// Insert waits for a concurrent transaction that inserts the same key, at most for wait and for the store's LockTimeout. If
// that takes too long, the server rolls back the transaction that Insert is part of.
func (r idempotency) Insert(ctx context.Context, record domain.IdempotencyRecord, now time.Time, wait time.Duration) error {
	wait = max(wait, time.Millisecond) // the server's unit; 0 would mean no limit
	err := r.write(ctx, func(ctx context.Context, q *pgdb.Queries) error {
		if r.lockTimeout > wait {
			if err := q.SetLockTimeout(ctx, fmt.Sprint(wait.Milliseconds())); err != nil {
				return err
			}
		}
		return insertRecord(ctx, q, record, now)
	})
	if sqlState(err) == lockNotAvailable {
		return domain.ErrIdempotencyInProgress
	}
	return err
}
