package sqlite

import (
	"context"
	"time"

	"example.com/postern/adapters/sqlite/internal/litedb"
	"example.com/postern/domain"
)

type sessions struct{ access }

func (r sessions) Insert(ctx context.Context, s domain.NewSession) error {
	row := litedb.InsertSessionParams{
		ID: s.ID, UserID: s.UserID, PasswordHash: s.PasswordHash, CreatedAt: s.CreatedAt,
		IP: s.Client.IP, UserAgent: s.Client.UserAgent, RefreshKeyID: s.RefreshKeyID, ExpiresAt: s.ExpiresAt,
	}
	return r.write(ctx, func(ctx context.Context, q *litedb.Queries) error {
		n, err := q.InsertSession(ctx, row)
		if err == nil && n == 0 {
			return domain.ErrPasswordChanged
		}
		return err
	})
}

func (r sessions) ByID(ctx context.Context, id domain.SessionID) (domain.Session, error) {
	var row litedb.Session
	err := r.read(ctx, func(ctx context.Context, q *litedb.Queries) (err error) {
		row, err = q.SessionByID(context.WithoutCancel(ctx), id)
		return err
	})
	return domain.Session(row), orNotFound(err, domain.ErrSessionNotFound)
}

func (r sessions) Live(ctx context.Context, user domain.UserID, now time.Time, limit int) (live []domain.Session, err error) {
	var rows []litedb.Session
	err = r.read(ctx, func(ctx context.Context, q *litedb.Queries) (err error) {
		rows, err = q.LiveSessions(ctx, litedb.LiveSessionsParams{UserID: user, Now: now, PageSize: pageSize(limit)})
		return err
	})
	for _, row := range rows {
		live = append(live, domain.Session(row))
	}
	return live, err
}

func (r sessions) Refresh(ctx context.Context, s domain.Session, count int64) (bool, error) {
	change := litedb.RefreshSessionParams{
		RefreshCount: s.RefreshCount, RefreshedAt: s.RefreshedAt, ExpiresAt: s.ExpiresAt, ID: s.ID, OldCount: count,
	}
	var n int64
	err := r.write(ctx, func(ctx context.Context, q *litedb.Queries) (err error) {
		n, err = q.RefreshSession(ctx, change)
		return err
	})
	return err == nil && n == 1, err
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
	return ended, err
}
