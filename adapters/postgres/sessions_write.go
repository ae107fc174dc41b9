package postgres

import (
	"context"
	"time"

	"example.com/postern/adapters/postgres/internal/pgdb"
	"example.com/postern/domain"
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
