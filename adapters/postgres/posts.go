package postgres

import (
	"context"
	"math"

	"example.com/postern/adapters/postgres/internal/pgdb"
	"example.com/postern/domain"
)

type posts struct{ access }

func (r posts) Insert(ctx context.Context, p domain.NewPost) (domain.Post, error) {
	var row pgdb.InsertPostRow
	err := r.refusable(ctx, func(ctx context.Context, q *pgdb.Queries) (err error) {
		row, err = q.InsertPost(ctx, pgdb.InsertPostParams(p))
		return err
	})
	if violates(err, "posts_owner_id_fkey") { // its row went after the statement had seen it
		err = domain.ErrUserNotFound
	}
	return domain.Post(row), orNotFound(err, domain.ErrUserNotFound)
}

func (r posts) ByID(ctx context.Context, id domain.PostID) (domain.Post, error) {
	var row pgdb.PostByIDRow
	err := r.read(ctx, func(ctx context.Context, q *pgdb.Queries) (err error) {
		row, err = q.PostByID(ctx, id)
		return err
	})
	return domain.Post(row), orNotFound(err, domain.ErrPostNotFound)
}

func (r posts) PublishedBefore(ctx context.Context, before domain.PostPosition, limit int) (page []domain.Post, err error) {
	from := pgdb.PublishedBeforeParams{PublishedAt: before.PublishedAt, ID: int64(before.ID), PageSize: pageSize(limit)}
	var rows []pgdb.PublishedBeforeRow
	err = r.read(ctx, func(ctx context.Context, q *pgdb.Queries) (err error) {
		rows, err = q.PublishedBefore(ctx, from)
		return err
	})
	for _, row := range rows {
		page = append(page, domain.Post(row))
	}
	return page, err
}

func (r posts) PublishedAfter(ctx context.Context, after domain.PostPosition, limit int) (page []domain.Post, err error) {
	from := pgdb.PublishedAfterParams{PublishedAt: after.PublishedAt, ID: int64(after.ID), PageSize: pageSize(limit)}
	var rows []pgdb.PublishedAfterRow
	err = r.read(ctx, func(ctx context.Context, q *pgdb.Queries) (err error) {
		rows, err = q.PublishedAfter(ctx, from)
		return err
	})
	for _, row := range rows {
		page = append(page, domain.Post(row))
	}
	return page, err
}

// pageSize is a limit that the server takes: it refuses negative ones.
func pageSize(limit int) int32 { return int32(min(max(limit, 0), math.MaxInt32)) }

func (r posts) Update(ctx context.Context, p domain.Post) (domain.Post, error) {
	change := pgdb.UpdatePostParams{
		Title: p.Title, Content: p.Content, Published: p.Published, UpdatedAt: p.UpdatedAt, PublishedAt: p.PublishedAt,
		ID: p.ID, OwnerID: p.OwnerID, Version: p.Version,
	}
	var row pgdb.UpdatePostRow
	err := r.write(ctx, func(ctx context.Context, q *pgdb.Queries) (err error) {
		row, err = q.UpdatePost(ctx, change)
		return err
	})
	return domain.Post(row), orNotFound(err, domain.ErrPostNotFound)
}

func (r posts) Delete(ctx context.Context, id domain.PostID, owner domain.UserID) error {
	return r.write(ctx, func(ctx context.Context, q *pgdb.Queries) error {
		n, err := q.DeletePost(ctx, pgdb.DeletePostParams{ID: id, OwnerID: owner})
		if err == nil && n == 0 {
			return domain.ErrPostNotFound
		}
		return err
	})
}
