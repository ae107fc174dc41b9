package postgres

import (
	"context"
	"math"

	"example.com/postern/adapters/postgres/internal/pgdb"
	"example.com/postern/domain"
)

func (r posts) Published(ctx context.Context, within domain.PostRange) ([]domain.Post, error) {
	return r.list(ctx, func(ctx context.Context, q *pgdb.Queries) ([]pgdb.ShownPost, error) { return published(ctx, q, within) })
}

func published(ctx context.Context, q *pgdb.Queries, within domain.PostRange) ([]pgdb.ShownPost, error) {
	switch {
	case within.Search != nil:
		return searchPosts(ctx, q, within)
	case within.Author != 0:
		return authored(ctx, q, within)
	}
	of := pgdb.PublishedOlderParams{
		AfterTime: within.After.PublishedAt, AfterID: int64(within.After.ID),
		BeforeTime: within.Before.PublishedAt, BeforeID: int64(within.Before.ID), PageSize: pageSize(within.Limit),
	}
	if within.Newer {
		return q.PublishedNewer(ctx, pgdb.PublishedNewerParams(of))
	}
	return q.PublishedOlder(ctx, of)
}

func authored(ctx context.Context, q *pgdb.Queries, within domain.PostRange) ([]pgdb.ShownPost, error) {
	of := pgdb.AuthoredOlderParams{
		Author: int64(within.Author), AfterTime: within.After.PublishedAt, AfterID: int64(within.After.ID),
		BeforeTime: within.Before.PublishedAt, BeforeID: int64(within.Before.ID), PageSize: pageSize(within.Limit),
	}
	if within.Newer {
		return q.AuthoredNewer(ctx, pgdb.AuthoredNewerParams(of))
	}
	return q.AuthoredOlder(ctx, of)
}

func (r posts) OwnedBy(ctx context.Context, within domain.OwnPostRange) ([]domain.Post, error) {
	return r.list(ctx, func(ctx context.Context, q *pgdb.Queries) ([]pgdb.ShownPost, error) { return owned(ctx, q, within) })
}

func owned(ctx context.Context, q *pgdb.Queries, within domain.OwnPostRange) ([]pgdb.ShownPost, error) {
	if within.Published != nil {
		of := pgdb.OwnedInStateOlderParams{
			OwnerID: int64(within.Owner), Published: *within.Published, FromID: int64(within.From), PageSize: pageSize(within.Limit),
		}
		if within.Newer {
			return q.OwnedInStateNewer(ctx, pgdb.OwnedInStateNewerParams(of))
		}
		return q.OwnedInStateOlder(ctx, of)
	}
	of := pgdb.OwnedOlderParams{OwnerID: int64(within.Owner), FromID: int64(within.From), PageSize: pageSize(within.Limit)}
	if within.Newer {
		return q.OwnedNewer(ctx, pgdb.OwnedNewerParams(of))
	}
	return q.OwnedOlder(ctx, of)
}

func (r posts) list(
	ctx context.Context, read func(context.Context, *pgdb.Queries) ([]pgdb.ShownPost, error),
) (page []domain.Post, err error) {
	var rows []pgdb.ShownPost
	err = r.read(ctx, func(ctx context.Context, q *pgdb.Queries) (err error) {
		rows, err = read(ctx, q)
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, row := range rows {
		page = append(page, domain.Post(row))
	}
	return page, nil
}

// pageSize is a limit that the server takes: it refuses negative ones.
func pageSize(limit int) int32 { return int32(min(max(limit, 0), math.MaxInt32)) }
