package postgres

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"example.com/postern/adapters/postgres/internal/pgdb"
	"example.com/postern/domain/throttle"
)

// throttles implements [throttle.Repository], beside the transactions of [Store.InTx].
type throttles struct{ *Store }

// Change works in READ COMMITTED: whoever waits for a row goes on with what the one before has left, where REPEATABLE READ would
// have to begin anew and, if the row is hot, give up in the end.
func (r throttles) Change(ctx context.Context, ids []string, fn func([]throttle.Counter)) error {
	return r.rerun(ctx, func() (outcome, error) {
		return r.attempt(ctx, pgx.ReadCommitted, func(t *tx) error { return t.change(ctx, ids, fn) })
	})
}

func (t *tx) change(ctx context.Context, ids []string, fn func([]throttle.Counter)) error {
	var rows []pgdb.Throttle
	err := t.write(ctx, func(ctx context.Context, q *pgdb.Queries) (err error) {
		rows, err = q.LockThrottles(ctx, ids)
		return err
	})
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
	return t.keep(ctx, changes(before, after))
}

// changes returns what is to be written, by the identifiers of before.
func changes(before, after []throttle.Counter) (changed []pgdb.UpdateThrottleParams) {
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

func (t *tx) keep(ctx context.Context, changed []pgdb.UpdateThrottleParams) error {
	if len(changed) == 0 {
		return nil
	}
	return t.write(ctx, func(ctx context.Context, q *pgdb.Queries) error {
		return all(q.UpdateThrottle(ctx, changed).Exec)
	})
}

// all runs a batch and returns its first error.
func all(exec func(each func(i int, failure error))) (err error) {
	exec(func(_ int, failure error) {
		if err == nil {
			err = failure
		}
	})
	return err
}

// DeletePrefix uses that identifiers are ASCII: none that begins with prefix comes behind prefix and DEL.
func (r throttles) DeletePrefix(ctx context.Context, prefix string, limit int) (int, error) {
	return sweep(ctx, r, func(ctx context.Context, q *pgdb.Queries) (int64, error) {
		return q.DeleteThrottlesBetween(ctx, pgdb.DeleteThrottlesBetweenParams{First: prefix, Behind: prefix + "\x7f", BatchSize: pageSize(limit)})
	})
}

func (r throttles) DeleteExpired(ctx context.Context, now time.Time, limit int) (int, error) {
	return sweep(ctx, r, func(ctx context.Context, q *pgdb.Queries) (int64, error) {
		return q.DeleteExpiredThrottles(ctx, pgdb.DeleteExpiredThrottlesParams{Now: now, BatchSize: pageSize(limit)})
	})
}
