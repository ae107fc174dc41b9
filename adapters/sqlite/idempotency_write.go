package sqlite

import (
	"context"
	"time"

	"example.com/postern/adapters/sqlite/internal/litedb"
	"example.com/postern/domain"
)

// idempotency implements [domain.IdempotencyRepository].
type idempotency struct{ access }

// Insert never waits for a concurrent insert of the same key, because writes run one at a time.
func (r idempotency) Insert(ctx context.Context, record domain.IdempotencyRecord, now time.Time, _ time.Duration) error {
	return r.write(ctx, func(ctx context.Context, q *litedb.Queries) error {
		return insertRecord(ctx, q, record, now)
	})
}
