package sqlite

import (
	"context"

	"example.com/postern/adapters/sqlite/internal/litedb"
	"example.com/postern/domain"
)

type posts struct{ access }

func (r posts) Insert(ctx context.Context, p domain.NewPost) (domain.Post, error) {
	var row litedb.PostByIDRow
	err := r.write(ctx, func(ctx context.Context, q *litedb.Queries) error {
		id, err := q.InsertPost(ctx, litedb.InsertPostParams(p))
		if err != nil {
			return err
		}
		row, err = q.PostByID(ctx, id)
		return err
	})
	return domain.Post(row), orNotFound(err, domain.ErrUserNotFound)
}

func (r posts) ByID(ctx context.Context, id domain.PostID) (domain.Post, error) {
	var row litedb.PostByIDRow
	err := r.read(ctx, func(ctx context.Context, q *litedb.Queries) (err error) {
		row, err = q.PostByID(context.WithoutCancel(ctx), id)
		return err
	})
	return domain.Post(row), orNotFound(err, domain.ErrPostNotFound)
}

func (r posts) PublishedBefore(ctx context.Context, before domain.PostPosition, limit int) (page []domain.Post, err error) {
	from := litedb.PublishedBeforeParams{PublishedAt: before.PublishedAt, ID: int64(before.ID), PageSize: pageSize(limit)}
	err = r.read(ctx, func(ctx context.Context, q *litedb.Queries) error {
		rows, err := q.PublishedBefore(ctx, from)
		for _, row := range rows {
			page = append(page, domain.Post(row))
		}
		return err
	})
	return page, err
}

func (r posts) PublishedAfter(ctx context.Context, after domain.PostPosition, limit int) (page []domain.Post, err error) {
	from := litedb.PublishedAfterParams{PublishedAt: after.PublishedAt, ID: int64(after.ID), PageSize: pageSize(limit)}
	err = r.read(ctx, func(ctx context.Context, q *litedb.Queries) error {
		rows, err := q.PublishedAfter(ctx, from)
		for _, row := range rows {
			page = append(page, domain.Post(row))
		}
		return err
	})
	return page, err
}

// pageSize keeps a negative limit, which is none to SQLite, from asking for every row.
func pageSize(limit int) int64 { return int64(max(limit, 0)) }

func (r posts) Update(ctx context.Context, p domain.Post) (domain.Post, error) {
	var row litedb.PostByIDRow
	err := r.write(ctx, func(ctx context.Context, q *litedb.Queries) error {
		n, err := q.UpdatePost(ctx, litedb.UpdatePostParams{
			Title: p.Title, Content: p.Content, Published: p.Published, UpdatedAt: p.UpdatedAt, PublishedAt: p.PublishedAt,
			ID: p.ID, OwnerID: p.OwnerID, Version: p.Version,
		})
		if err == nil && n == 0 {
			err = domain.ErrPostNotFound
		}
		if err != nil {
			return err
		}
		row, err = q.PostByID(ctx, p.ID)
		return err
	})
	if err != nil {
		return domain.Post{}, err
	}
	return domain.Post(row), nil
}

func (r posts) Delete(ctx context.Context, id domain.PostID, owner domain.UserID) error {
	return r.write(ctx, func(ctx context.Context, q *litedb.Queries) error {
		n, err := q.DeletePost(ctx, litedb.DeletePostParams{ID: id, OwnerID: owner})
		if err == nil && n == 0 {
			return domain.ErrPostNotFound
		}
		return err
	})
}
