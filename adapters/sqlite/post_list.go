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

// listed returns the posts of a range whatever they say.
func listed(ctx context.Context, q *litedb.Queries, within domain.PostRange) ([]domain.Post, error) {
	if within.Viewer.UserID != 0 {
		return listedForViewer(ctx, q, within)
	}
	if within.Author != 0 {
		of := litedb.AuthoredOlderParams{
			Author: within.Author, AfterTime: within.After.PublishedAt, AfterID: int64(within.After.ID),
			BeforeTime: within.Before.PublishedAt, BeforeID: int64(within.Before.ID), PageSize: pageSize(within.Limit),
		}
		if within.Newer {
			return shownPosts(q.AuthoredNewer(ctx, litedb.AuthoredNewerParams(of)))
		}
		return shownPosts(q.AuthoredOlder(ctx, of))
	}
	of := litedb.PublishedOlderParams{
		AfterTime: within.After.PublishedAt, AfterID: int64(within.After.ID),
		BeforeTime: within.Before.PublishedAt, BeforeID: int64(within.Before.ID), PageSize: pageSize(within.Limit),
	}
	if within.Newer {
		return shownPosts(q.PublishedNewer(ctx, litedb.PublishedNewerParams(of)))
	}
	return shownPosts(q.PublishedOlder(ctx, of))
}

// listedForViewer is listed for a viewer who is not anonymous.
func listedForViewer(ctx context.Context, q *litedb.Queries, within domain.PostRange) ([]domain.Post, error) {
	if within.Author != 0 {
		of := litedb.AuthoredOlderForViewerParams{
			Viewer: within.Viewer.UserID, Author: within.Author, AfterTime: within.After.PublishedAt, AfterID: int64(within.After.ID),
			BeforeTime: within.Before.PublishedAt, BeforeID: int64(within.Before.ID), PageSize: pageSize(within.Limit),
		}
		if within.Newer {
			return pageOf(q.AuthoredNewerForViewer(ctx, litedb.AuthoredNewerForViewerParams(of)))
		}
		return pageOf(q.AuthoredOlderForViewer(ctx, of))
	}
	of := litedb.PublishedOlderForViewerParams{
		Viewer: within.Viewer.UserID, AfterTime: within.After.PublishedAt, AfterID: int64(within.After.ID),
		BeforeTime: within.Before.PublishedAt, BeforeID: int64(within.Before.ID), PageSize: pageSize(within.Limit),
	}
	if within.Newer {
		return pageOf(q.PublishedNewerForViewer(ctx, litedb.PublishedNewerForViewerParams(of)))
	}
	return pageOf(q.PublishedOlderForViewer(ctx, of))
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

// postRow is a row of a list that was read for a viewer. sqlc gives each query a type of its own, with the same fields.
type postRow interface {
	litedb.PublishedOlderForViewerRow | litedb.PublishedNewerForViewerRow | litedb.AuthoredOlderForViewerRow | litedb.AuthoredNewerForViewerRow |
		litedb.OwnedOlderRow | litedb.OwnedNewerRow | litedb.OwnedInStateOlderRow | litedb.OwnedInStateNewerRow |
		litedb.FoundOlderForViewerRow | litedb.FoundNewerForViewerRow
}

// pageOf converts the result of a query.
func pageOf[R postRow](rows []R, err error) ([]domain.Post, error) {
	page := slices.Grow([]domain.Post(nil), len(rows))
	for _, row := range rows {
		page = append(page, domain.Post(row))
	}
	return page, err
}

// shownPosts converts the result of a query for an anonymous viewer.
func shownPosts(rows []litedb.ShownPost, err error) ([]domain.Post, error) {
	page := slices.Grow([]domain.Post(nil), len(rows))
	for _, row := range rows {
		page = append(page, shownPost(row))
	}
	return page, err
}

// pageSize keeps a negative limit, which is none to SQLite, from asking for every row.
func pageSize(limit int) int64 { return int64(max(limit, 0)) }
