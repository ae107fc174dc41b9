package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"example.com/postern/adapters/sqlite/internal/litedb"
	"example.com/postern/domain/throttle"
)

// throttles implements [throttle.Repository]: a change is one write, and nobody writes beside it.
type throttles struct{ *Store }

func (r throttles) Change(ctx context.Context, ids []string, fn func([]throttle.Counter)) error {
	return r.write(ctx, func(ctx context.Context, q *litedb.Queries) error {
		before := make([]throttle.Counter, len(ids))
		for i, id := range ids {
			row, err := q.ThrottleByID(ctx, id)
			if err != nil && !errors.Is(err, sql.ErrNoRows) {
				return err
			}
			row.ID = id
			before[i] = throttle.Counter(row)
		}
		after := slices.Clone(before)
		fn(after)
		for i, t := range after {
			if t == before[i] {
				continue
			}
			t.ID = ids[i]
			if err := q.PutThrottle(ctx, litedb.PutThrottleParams(t)); err != nil {
				return err
			}
		}
		return nil
	})
}

// DeletePrefix uses that identifiers are ASCII: none that begins with prefix comes behind prefix and DEL.
func (r throttles) DeletePrefix(ctx context.Context, prefix string, limit int) (int, error) {
	return sweep(ctx, r, func(ctx context.Context, q *litedb.Queries) (int64, error) {
		return q.DeleteThrottlesBetween(ctx, litedb.DeleteThrottlesBetweenParams{First: prefix, Behind: prefix + "\x7f", BatchSize: pageSize(limit)})
	})
}

func (r throttles) DeleteExpired(ctx context.Context, now time.Time, limit int) (int, error) {
	return sweep(ctx, r, func(ctx context.Context, q *litedb.Queries) (int64, error) {
		return q.DeleteExpiredThrottles(ctx, litedb.DeleteExpiredThrottlesParams{Now: now, BatchSize: pageSize(limit)})
	})
}
