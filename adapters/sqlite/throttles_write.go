package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"slices"

	"example.com/postern/adapters/sqlite/internal/litedb"
	"example.com/postern/domain/throttle"
)

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
