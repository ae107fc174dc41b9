package postgres

import (
	"context"
	"time"

	"example.com/postern/adapters/postgres/internal/pgdb"
	"example.com/postern/domain"
)

func (r sessions) EndedAfter(ctx context.Context, after domain.SessionEnd, limit int) (ends []domain.SessionEnd, err error) {
	from := pgdb.EndedAfterParams{EndedAt: after.EndedAt, Sid: string(after.SessionID), PageSize: pageSize(limit)}
	var rows []pgdb.EndedAfterRow
	err = r.read(ctx, func(ctx context.Context, q *pgdb.Queries) (err error) {
		rows, err = q.EndedAfter(ctx, from)
		return err
	})
	for _, row := range rows {
		ends = append(ends, domain.SessionEnd(row))
	}
	return ends, err
}

func (r sessions) DeleteExpired(ctx context.Context, now time.Time, limit int) (int, error) {
	return sweep(ctx, r, func(ctx context.Context, q *pgdb.Queries) (int64, error) {
		return q.DeleteExpiredSessions(ctx, pgdb.DeleteExpiredSessionsParams{Now: now, BatchSize: pageSize(limit)})
	})
}

func (r sessions) DeleteEnds(ctx context.Context, until time.Time, limit int) (int, error) {
	return sweep(ctx, r, func(ctx context.Context, q *pgdb.Queries) (int64, error) {
		return q.DeleteEnds(ctx, pgdb.DeleteEndsParams{Until: until, BatchSize: pageSize(limit)})
	})
}

// sweep returns how many rows a write has removed.
func sweep(ctx context.Context, a access, remove func(context.Context, *pgdb.Queries) (int64, error)) (n int, err error) {
	err = a.write(ctx, func(ctx context.Context, q *pgdb.Queries) error {
		removed, err := remove(ctx, q)
		n = int(removed)
		return err
	})
	return n, err
}
