package sqlite

import (
	"context"

	"example.com/postern/adapters/sqlite/internal/litedb"
	"example.com/postern/domain"
)

func (r posts) Published(ctx context.Context, within domain.PostRange) ([]domain.Post, error) {
	return r.list(ctx, func(ctx context.Context, q *litedb.Queries) ([]litedb.ShownPost, error) {
		if within.Search != nil {
			return searchPosts(ctx, q, within)
		}
		return listed(ctx, q, within)
	})
}

// listed returns the posts of a range whatever they say.
func listed(ctx context.Context, q *litedb.Queries, within domain.PostRange) ([]litedb.ShownPost, error) {
	if within.Author != 0 {
		of := litedb.AuthoredOlderParams{
			Author: within.Author, AfterTime: within.After.PublishedAt, AfterID: int64(within.After.ID),
			BeforeTime: within.Before.PublishedAt, BeforeID: int64(within.Before.ID), PageSize: pageSize(within.Limit),
		}
		if within.Newer {
			return q.AuthoredNewer(ctx, litedb.AuthoredNewerParams(of))
		}
		return q.AuthoredOlder(ctx, of)
	}
	of := litedb.PublishedOlderParams{
		AfterTime: within.After.PublishedAt, AfterID: int64(within.After.ID),
		BeforeTime: within.Before.PublishedAt, BeforeID: int64(within.Before.ID), PageSize: pageSize(within.Limit),
	}
	if within.Newer {
		return q.PublishedNewer(ctx, litedb.PublishedNewerParams(of))
	}
	return q.PublishedOlder(ctx, of)
}

func (r posts) OwnedBy(ctx context.Context, within domain.OwnPostRange) ([]domain.Post, error) {
	return r.list(ctx, func(ctx context.Context, q *litedb.Queries) ([]litedb.ShownPost, error) {
		if within.Published != nil {
			of := litedb.OwnedInStateOlderParams{
				OwnerID: within.Owner, Published: *within.Published, FromID: within.From, PageSize: pageSize(within.Limit),
			}
			if within.Newer {
				return q.OwnedInStateNewer(ctx, litedb.OwnedInStateNewerParams(of))
			}
			return q.OwnedInStateOlder(ctx, of)
		}
		of := litedb.OwnedOlderParams{OwnerID: within.Owner, FromID: within.From, PageSize: pageSize(within.Limit)}
		if within.Newer {
			return q.OwnedNewer(ctx, litedb.OwnedNewerParams(of))
		}
		return q.OwnedOlder(ctx, of)
	})
}

func (r posts) list(
	ctx context.Context, read func(context.Context, *litedb.Queries) ([]litedb.ShownPost, error),
) (page []domain.Post, err error) {
	err = r.read(ctx, func(ctx context.Context, q *litedb.Queries) error {
		rows, err := read(ctx, q)
		for _, row := range rows {
			page = append(page, domain.Post(row))
		}
		return err
	})
	return page, err
}

// pageSize keeps a negative limit, which is none to SQLite, from asking for every row.
func pageSize(limit int) int64 { return int64(max(limit, 0)) }
