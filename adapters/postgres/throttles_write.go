package postgres

import (
	"context"
	"errors"
	"slices"

	"github.com/jackc/pgx/v5"

	"example.com/postern/adapters/postgres/internal/pgdb"
	"example.com/postern/domain/throttle"
)

// Change runs in READ COMMITTED: a call that waited for a row continues with its latest state. In REPEATABLE READ the call
// would fail and start again, and on a row with many writers it would give up.
func (r throttles) Change(ctx context.Context, ids []string, fn func([]throttle.Counter)) error {
	return r.transaction(ctx, pgx.ReadCommitted, func(t *tx) error { return t.changeThrottles(ctx, ids, fn) })
}

func (t *tx) changeThrottles(ctx context.Context, ids []string, fn func([]throttle.Counter)) error {
	rows, err := change(ctx, t, (*pgdb.Queries).LockThrottles, ids)
	if err != nil {
		return err
	}
	if len(rows) != len(ids) {
		return errors.New("postgres: too many throttles at once")
	}
	before := make([]throttle.Counter, len(ids))
	for _, row := range rows {
		before[slices.Index(ids, row.ID)] = throttle.Counter(row)
	}
	after := slices.Clone(before)
	fn(after)
	changed := throttleChanges(before, after)
	if len(changed) == 0 {
		return nil
	}
	return t.write(ctx, func(ctx context.Context, q *pgdb.Queries) (err error) {
		q.UpdateThrottle(ctx, changed).Exec(func(_ int, failure error) {
			if err == nil {
				err = failure
			}
		})
		return err
	})
}

// throttleChanges returns the updates from before to after. It ignores changes of an identifier.
func throttleChanges(before, after []throttle.Counter) (changed []pgdb.UpdateThrottleParams) {
	for i, t := range after {
		if t != before[i] {
			changed = append(changed, pgdb.UpdateThrottleParams{
				Failures: t.Failures, Reserved: t.Reserved, ReservedAt: t.ReservedAt, Since: t.Since, Until: t.Until,
				ExpiresAt: t.ExpiresAt, ID: before[i].ID,
			})
		}
	}
	return changed
}
