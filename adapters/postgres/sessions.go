package postgres

import (
	"context"
	"time"

	"example.com/postern/adapters/postgres/internal/pgdb"
	"example.com/postern/domain"
)

type sessions struct{ access }

func (r sessions) Insert(ctx context.Context, s domain.NewSession) error {
	row := pgdb.InsertSessionParams{
		ID: s.ID, UserID: s.UserID, PasswordHash: s.PasswordHash, CreatedAt: s.CreatedAt,
		IP: s.Client.IP, UserAgent: s.Client.UserAgent, RefreshKeyID: s.RefreshKeyID, ExpiresAt: s.ExpiresAt,
	}
	return r.write(ctx, func(ctx context.Context, q *pgdb.Queries) error {
		n, err := q.InsertSession(ctx, row)
		if err == nil && n == 0 {
			return domain.ErrPasswordChanged
		}
		return err
	})
}

func (r sessions) ByID(ctx context.Context, id domain.SessionID) (domain.Session, error) {
	var row pgdb.Session
	err := r.read(ctx, func(ctx context.Context, q *pgdb.Queries) (err error) {
		row, err = q.SessionByID(ctx, id)
		return err
	})
	return domain.Session(row), orNotFound(err, domain.ErrSessionNotFound)
}

func (r sessions) Live(ctx context.Context, user domain.UserID, now time.Time, limit int) (live []domain.Session, err error) {
	var rows []pgdb.Session
	err = r.read(ctx, func(ctx context.Context, q *pgdb.Queries) (err error) {
		rows, err = q.LiveSessions(ctx, pgdb.LiveSessionsParams{UserID: user, Now: now, PageSize: pageSize(limit)})
		return err
	})
	for _, row := range rows {
		live = append(live, domain.Session(row))
	}
	return live, err
}

func (r sessions) Refresh(ctx context.Context, s domain.Session, count int64) (bool, error) {
	change := pgdb.RefreshSessionParams{
		RefreshCount: s.RefreshCount, RefreshedAt: s.RefreshedAt, ExpiresAt: s.ExpiresAt, ID: s.ID, OldCount: count,
	}
	var n int64
	err := r.write(ctx, func(ctx context.Context, q *pgdb.Queries) (err error) {
		n, err = q.RefreshSession(ctx, change)
		return err
	})
	return err == nil && n == 1, err
}

func (r sessions) End(ctx context.Context, user domain.UserID, id domain.SessionID, at time.Time) (bool, error) {
	var n int64
	err := r.write(ctx, func(ctx context.Context, q *pgdb.Queries) (err error) {
		n, err = q.EndSession(ctx, pgdb.EndSessionParams{ID: id, UserID: user, EndedAt: at})
		return err
	})
	return err == nil && n == 1, err
}

func (r sessions) EndAll(
	ctx context.Context, user domain.UserID, except domain.SessionID, at time.Time,
) (ended []domain.SessionID, err error) {
	var ids []string
	err = r.write(ctx, func(ctx context.Context, q *pgdb.Queries) (err error) {
		ids, err = q.EndAllSessions(ctx, pgdb.EndAllSessionsParams{UserID: user, Kept: except, EndedAt: at})
		return err
	})
	for _, id := range ids {
		ended = append(ended, domain.SessionID(id))
	}
	return ended, err
}
