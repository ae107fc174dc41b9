package sqlite

import (
	"context"
	"time"

	"example.com/postern/adapters/sqlite/internal/litedb"
	"example.com/postern/domain"
)

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
