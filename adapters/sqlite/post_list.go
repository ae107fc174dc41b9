package sqlite

import (
	"context"
	"slices"

	"example.com/postern/adapters/sqlite/internal/litedb"
	"example.com/postern/domain"
)

func (r posts) Published(ctx context.Context, within domain.PostRange) ([]domain.Post, error) {
	return r.list(ctx, func(ctx context.Context, q *litedb.Queries) ([]domain.Post, error) {
		if within.Search != nil {
			return searchPosts(ctx, q, within)
		}
		return listed(ctx, q, within)
	})
}

// listed returns the posts of a range, with or without the words of a search.
func listed(ctx context.Context, q *litedb.Queries, within domain.PostRange) ([]domain.Post, error) {
	if within.Author != 0 {
		params := litedb.AuthoredOlderParams{
			Viewer: int64(within.Viewer.UserID), Author: within.Author, AfterTime: within.After.PublishedAt, AfterID: int64(within.After.ID),
			BeforeTime: within.Before.PublishedAt, BeforeID: int64(within.Before.ID), PageSize: pageSize(within.Limit),
		}
		if within.Newer {
			return pageOf(q.AuthoredNewer(ctx, litedb.AuthoredNewerParams(params)))
		}
		return pageOf(q.AuthoredOlder(ctx, params))
	}
	params := litedb.PublishedOlderParams{
		Viewer: int64(within.Viewer.UserID), AfterTime: within.After.PublishedAt, AfterID: int64(within.After.ID),
		BeforeTime: within.Before.PublishedAt, BeforeID: int64(within.Before.ID), PageSize: pageSize(within.Limit),
	}
	if within.Newer {
		return pageOf(q.PublishedNewer(ctx, litedb.PublishedNewerParams(params)))
	}
	return pageOf(q.PublishedOlder(ctx, params))
}

func (r posts) OwnedBy(ctx context.Context, within domain.OwnPostRange) ([]domain.Post, error) {
	return r.list(ctx, func(ctx context.Context, q *litedb.Queries) ([]domain.Post, error) {
		if within.Published != nil {
			params := litedb.OwnedInStateOlderParams{
				OwnerID: within.Owner, Published: *within.Published, FromID: within.From, PageSize: pageSize(within.Limit),
			}
			if within.Newer {
				return pageOf(q.OwnedInStateNewer(ctx, litedb.OwnedInStateNewerParams(params)))
			}
			return pageOf(q.OwnedInStateOlder(ctx, params))
		}
		params := litedb.OwnedOlderParams{OwnerID: within.Owner, FromID: within.From, PageSize: pageSize(within.Limit)}
		if within.Newer {
			return pageOf(q.OwnedNewer(ctx, litedb.OwnedNewerParams(params)))
		}
		return pageOf(q.OwnedOlder(ctx, params))
	})
}

func (r posts) list(
	ctx context.Context, read func(context.Context, *litedb.Queries) ([]domain.Post, error),
) (page []domain.Post, err error) {
	err = r.read(ctx, func(ctx context.Context, q *litedb.Queries) (err error) {
		page, err = read(ctx, q)
		return err
	})
	return page, err
}

// postRow is a row of a list. sqlc generates a type for each query, with the same fields.
type postRow interface {
	litedb.PublishedOlderRow | litedb.PublishedNewerRow | litedb.AuthoredOlderRow | litedb.AuthoredNewerRow | litedb.OwnedOlderRow |
		litedb.OwnedNewerRow | litedb.OwnedInStateOlderRow | litedb.OwnedInStateNewerRow | litedb.FoundOlderRow | litedb.FoundNewerRow
}

// pageOf converts the result of a query.
func pageOf[R postRow](rows []R, err error) ([]domain.Post, error) {
	page := slices.Grow([]domain.Post(nil), len(rows))
	for _, row := range rows {
		page = append(page, domain.Post(row))
	}
	return page, err
}

// pageSize replaces a negative limit, with which SQLite would return every row, by 0.
func pageSize(limit int) int64 { return int64(max(limit, 0)) }
