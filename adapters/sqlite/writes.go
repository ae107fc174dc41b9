package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"example.com/postern/adapters/sqlite/internal/litedb"
	"example.com/postern/domain"
	"example.com/postern/domain/throttle"
)

func (users) emailTaken(context.Context, string) error { return domain.ErrEmailTaken }

// changeEmail runs the query, which no other write can disturb.
var changeEmail = (*litedb.Queries).ChangeEmail

// purgeVotes also subtracts each vote from the count of its post.
var purgeVotes = purgeBy(func(q *litedb.Queries, ctx context.Context, limit int64) (int64, error) {
	posts, err := q.PurgeVotes(ctx, limit)
	if err != nil {
		return 0, err
	}
	for _, post := range posts {
		if err := q.AddToVotes(ctx, litedb.AddToVotesParams{Change: -1, ID: post}); err != nil {
			return 0, err
		}
	}
	return int64(len(posts)), nil
})

// purgePosts also removes each post from the index, which has no foreign keys.
func purgePosts(ctx context.Context, a access, limit int) (n int, err error) {
	err = a.writeIndexed(ctx, func(ctx context.Context, q *litedb.Queries) ([]indexChange, error) {
		posts, err := q.PurgePosts(ctx, pageSize(limit))
		changes := make([]indexChange, len(posts))
		for i, post := range posts {
			changes[i].post = post
		}
		n = len(posts)
		return changes, err
	})
	if err != nil {
		return 0, err
	}
	return n, nil
}

func (r sessions) End(ctx context.Context, user domain.UserID, id domain.SessionID, at time.Time) (ended bool, err error) {
	err = r.write(ctx, func(ctx context.Context, q *litedb.Queries) error {
		n, err := q.DeleteSession(ctx, litedb.DeleteSessionParams{ID: id, UserID: user})
		if ended = n == 1; err != nil || !ended {
			return err
		}
		return q.RecordEnd(ctx, litedb.RecordEndParams{Sid: id, EndedAt: at})
	})
	return ended && err == nil, err
}

func (r sessions) EndAll(
	ctx context.Context, user domain.UserID, except domain.SessionID, at time.Time,
) (ended []domain.SessionID, err error) {
	err = r.write(ctx, func(ctx context.Context, q *litedb.Queries) (err error) {
		if ended, err = q.DeleteSessions(ctx, litedb.DeleteSessionsParams{UserID: user, Kept: except}); err != nil {
			return err
		}
		for _, id := range ended {
			if err := q.RecordEnd(ctx, litedb.RecordEndParams{Sid: id, EndedAt: at}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return ended, nil
}

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

// idempotency implements [domain.IdempotencyRepository].
type idempotency struct{ access }

// Insert never waits for a concurrent insert of the same key, because writes run one at a time.
func (r idempotency) Insert(ctx context.Context, record domain.IdempotencyRecord, now time.Time, _ time.Duration) error {
	return r.write(ctx, func(ctx context.Context, q *litedb.Queries) error {
		return insertRecord(ctx, q, record, now)
	})
}

func (s *Store) writeEpoch(ctx context.Context, fn func(context.Context, *litedb.Queries) error) error {
	return s.write(ctx, fn)
}

// skipIDs moves a table's ids forward by [domain.EpochIDStep]. A table that never had a row has no last id yet.
func skipIDs(ctx context.Context, q *litedb.Queries, table string) error {
	last, err := q.LastID(ctx, table)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if last > domain.MaxID-domain.EpochIDStep {
		return domain.ErrNoIDsLeft
	}
	if err := q.ForgetLastID(ctx, table); err != nil {
		return err
	}
	return q.SetLastID(ctx, litedb.SetLastIDParams{TableName: table, Seq: last + domain.EpochIDStep})
}
