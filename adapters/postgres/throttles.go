package postgres

import (
	"context"
	"time"

	db "example.com/postern/adapters/postgres/internal/pgdb"
)

// throttles implements [throttle.Repository], outside the transactions of [Store.InTx].
type throttles struct{ *Store }

// DeletePrefix requires ASCII identifiers: those that begin with prefix sort before prefix followed by DEL.
func (r throttles) DeletePrefix(ctx context.Context, prefix string, limit int) (int, error) {
	return sweep(ctx, r.Store, (*db.Queries).DeleteThrottlesBetween,
		db.DeleteThrottlesBetweenParams{First: prefix, Behind: prefix + "\x7f", BatchSize: pageSize(limit)})
}

func (r throttles) DeleteExpired(ctx context.Context, now time.Time, limit int) (int, error) {
	return sweep(ctx, r.Store, (*db.Queries).DeleteExpiredThrottles, db.DeleteExpiredThrottlesParams{Now: now, BatchSize: pageSize(limit)})
}
