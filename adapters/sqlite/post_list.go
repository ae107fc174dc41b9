package sqlite

import (
	"context"

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

// listed returns the posts of a range whatever they say.
func listed(ctx context.Context, q *litedb.Queries, within domain.PostRange) ([]domain.Post, error) {
	if within.Author != 0 {
		of := litedb.AuthoredOlderParams{
			Viewer: int64(within.Viewer.UserID), Author: within.Author, AfterTime: within.After.PublishedAt, AfterID: int64(within.After.ID),
			BeforeTime: within.Before.PublishedAt, BeforeID: int64(within.Before.ID), PageSize: pageSize(within.Limit),
		}
		if within.Newer {
			return pageOf(q.AuthoredNewer(ctx, litedb.AuthoredNewerParams(of)))
		}
		return pageOf(q.AuthoredOlder(ctx, of))
	}
	of := litedb.PublishedOlderParams{
		Viewer: int64(within.Viewer.UserID), AfterTime: within.After.PublishedAt, AfterID: int64(within.After.ID),
		BeforeTime: within.Before.PublishedAt, BeforeID: int64(within.Before.ID), PageSize: pageSize(within.Limit),
	}
	if within.Newer {
		return pageOf(q.PublishedNewer(ctx, litedb.PublishedNewerParams(of)))
	}
	return pageOf(q.PublishedOlder(ctx, of))
}

func (r posts) OwnedBy(ctx context.Context, within domain.OwnPostRange) ([]domain.Post, error) {
	return r.list(ctx, func(ctx context.Context, q *litedb.Queries) ([]domain.Post, error) {
		if within.Published != nil {
			of := litedb.OwnedInStateOlderParams{
				OwnerID: within.Owner, Published: *within.Published, FromID: within.From, PageSize: pageSize(within.Limit),
			}
			if within.Newer {
				return pageOf(q.OwnedInStateNewer(ctx, litedb.OwnedInStateNewerParams(of)))
			}
			return pageOf(q.OwnedInStateOlder(ctx, of))
		}
		of := litedb.OwnedOlderParams{OwnerID: within.Owner, FromID: within.From, PageSize: pageSize(within.Limit)}
		if within.Newer {
			return pageOf(q.OwnedNewer(ctx, litedb.OwnedNewerParams(of)))
		}
		return pageOf(q.OwnedOlder(ctx, of))
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

// postRow is a row of a list. sqlc gives each query a type of its own, with the same fields.
type postRow interface {
	litedb.PublishedOlderRow | litedb.PublishedNewerRow | litedb.AuthoredOlderRow | litedb.AuthoredNewerRow |
		litedb.OwnedOlderRow | litedb.OwnedNewerRow | litedb.OwnedInStateOlderRow | litedb.OwnedInStateNewerRow |
		litedb.FoundOlderRow | litedb.FoundNewerRow
}

// pageOf converts the result of a query.
func pageOf[R postRow](rows []R, err error) ([]domain.Post, error) {
	var page []domain.Post
	for _, row := range rows {
		page = append(page, domain.Post(row))
	}
	return page, err
}

// pageSize keeps a negative limit, which is none to SQLite, from asking for every row.
func pageSize(limit int) int64 { return int64(max(limit, 0)) }
