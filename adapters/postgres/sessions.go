package postgres

import (
	"context"
	"time"

	db "example.com/postern/adapters/postgres/internal/pgdb"
	"example.com/postern/domain"
)

// sessions implements [domain.SessionRepository].
type sessions struct{ access }

func (r sessions) Insert(ctx context.Context, s domain.NewSession) error {
	n, err := change(ctx, r.access, (*db.Queries).InsertSession, db.InsertSessionParams{
		ID: s.ID, UserID: s.UserID, PasswordHash: s.PasswordHash, CreatedAt: s.CreatedAt,
		IP: s.Client.IP, UserAgent: s.Client.UserAgent, RefreshKeyID: s.RefreshKeyID, ExpiresAt: s.ExpiresAt,
	})
	return requireRow(n, err, domain.ErrPasswordChanged)
}

func (r sessions) ByID(ctx context.Context, id domain.SessionID) (domain.Session, error) {
	row, err := fetch(ctx, r.access, (*db.Queries).SessionByID, id)
	return domain.Session(row), orNotFound(err, domain.ErrSessionNotFound)
}

func (r sessions) Live(ctx context.Context, user domain.UserID, now time.Time, limit int) (live []domain.Session, err error) {
	rows, err := fetch(ctx, r.access, (*db.Queries).LiveSessions, db.LiveSessionsParams{UserID: user, Now: now, PageSize: pageSize(limit)})
	for _, row := range rows {
		live = append(live, domain.Session(row))
	}
	return live, err
}

func (r sessions) Refresh(ctx context.Context, s domain.Session, count int64) (bool, error) {
	n, err := change(ctx, r.access, (*db.Queries).RefreshSession, db.RefreshSessionParams{
		RefreshCount: s.RefreshCount, RefreshedAt: s.RefreshedAt, ExpiresAt: s.ExpiresAt, ID: s.ID, OldCount: count,
	})
	return n == 1, err
}

func (r sessions) EndedAfter(ctx context.Context, after domain.SessionEnd, limit int) (ends []domain.SessionEnd, err error) {
	rows, err := fetch(ctx, r.access, (*db.Queries).EndedAfter, db.EndedAfterParams{
		EndedAt: after.EndedAt, Sid: string(after.SessionID), PageSize: pageSize(limit),
	})
	for _, row := range rows {
		ends = append(ends, domain.SessionEnd(row))
	}
	return ends, err
}

func (r sessions) DeleteExpired(ctx context.Context, now time.Time, limit int) (int, error) {
	return sweep(ctx, r.access, (*db.Queries).DeleteExpiredSessions, db.DeleteExpiredSessionsParams{Now: now, BatchSize: pageSize(limit)})
}

func (r sessions) DeleteEnds(ctx context.Context, until time.Time, limit int) (int, error) {
	return sweep(ctx, r.access, (*db.Queries).DeleteEnds, db.DeleteEndsParams{Until: until, BatchSize: pageSize(limit)})
}
