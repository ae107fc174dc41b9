package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"example.com/postern/adapters/postgres/internal/pgdb"
	"example.com/postern/domain"
	"example.com/postern/domain/throttle"
)

// emailTaken locks the account that has the address and then returns [domain.ErrEmailTaken]. See LockEmailKey.
func (r users) emailTaken(ctx context.Context, key string) error {
	if _, err := change(ctx, r.access, (*pgdb.Queries).LockEmailKey, key); err != nil {
		return err
	}
	return domain.ErrEmailTaken
}

// changeEmail returns [domain.ErrEmailTaken] if another account gets the address at the same time.
func changeEmail(q *pgdb.Queries, ctx context.Context, p pgdb.ChangeEmailParams) (int64, error) {
	n, err := q.ChangeEmail(ctx, p)
	if sqlState(err) == uniqueViolation {
		return 0, domain.ErrEmailTaken
	}
	return n, err
}

var (
	purgeVotes = purgeBy((*pgdb.Queries).PurgeVotes)
	purgePosts = purgeBy((*pgdb.Queries).PurgePosts)
)

func (r sessions) End(ctx context.Context, user domain.UserID, id domain.SessionID, at time.Time) (bool, error) {
	n, err := change(ctx, r.access, (*pgdb.Queries).EndSession, pgdb.EndSessionParams{ID: id, UserID: user, EndedAt: at})
	return n == 1, err
}

func (r sessions) EndAll(
	ctx context.Context, user domain.UserID, except domain.SessionID, at time.Time,
) (ended []domain.SessionID, err error) {
	ids, err := change(ctx, r.access, (*pgdb.Queries).EndAllSessions, pgdb.EndAllSessionsParams{UserID: user, Kept: except, EndedAt: at})
	for _, id := range ids {
		ended = append(ended, domain.SessionID(id))
	}
	return ended, err
}

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

// writeEpoch runs fn in READ COMMITTED, so that each statement also sees the sessions that others have begun or
// refreshed in the meantime.
func (s *Store) writeEpoch(ctx context.Context, fn func(context.Context, *pgdb.Queries) error) error {
	return s.transaction(ctx, pgx.ReadCommitted, func(t *tx) error { return t.write(ctx, fn) })
}

// skipIDs moves a table's ids forward by [domain.EpochIDStep].
func skipIDs(ctx context.Context, q *pgdb.Queries, table string) error {
	err := q.SkipIDs(ctx, pgdb.SkipIDsParams{TableName: table, Step: domain.EpochIDStep})
	switch sqlState(err) {
	case valueOutOfRange, sequenceAtItsEnd:
		return domain.ErrNoIDsLeft
	}
	return err
}
