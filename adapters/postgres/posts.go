package postgres

import (
	"context"
	"errors"
	"time"

	"example.com/postern/adapters/postgres/internal/pgdb"
	"example.com/postern/domain"
	"example.com/postern/domain/search"
)

type posts struct{ access }

func (r posts) Insert(ctx context.Context, p domain.NewPost) (domain.Post, error) {
	insert := pgdb.InsertPostParams{
		OwnerID: p.OwnerID, Title: p.Title, Content: p.Content, Published: p.Published, CreatedAt: p.CreatedAt,
		PublishedAt: p.PublishedAt, Words: search.Text(p.Title, p.Content),
	}
	var row pgdb.InsertPostRow
	err := r.refusable(ctx, func(ctx context.Context, q *pgdb.Queries) (err error) {
		row, err = q.InsertPost(ctx, insert)
		return err
	})
	if violates(err, "posts_owner_id_fkey") { // its row went after the statement had seen it
		err = domain.ErrUserNotFound
	}
	return written(pgdb.UpdatePostRow(row)), orNotFound(err, domain.ErrUserNotFound)
}

func (r posts) Visible(ctx context.Context, viewer domain.Viewer, id domain.PostID) (domain.Post, error) {
	var row pgdb.ShownPost
	err := r.read(ctx, func(ctx context.Context, q *pgdb.Queries) (err error) {
		row, err = q.VisiblePost(ctx, pgdb.VisiblePostParams{ID: id, Viewer: viewer.UserID})
		return err
	})
	return domain.Post(row), orNotFound(err, domain.ErrPostNotFound)
}

func (r posts) Update(ctx context.Context, p domain.Post) (domain.Post, error) {
	change := pgdb.UpdatePostParams{
		Title: p.Title, Content: p.Content, Published: p.Published, UpdatedAt: p.UpdatedAt, PublishedAt: p.PublishedAt,
		ID: p.ID, OwnerID: p.OwnerID, Version: p.Version, Words: search.Text(p.Title, p.Content),
	}
	var row pgdb.UpdatePostRow
	err := r.write(ctx, func(ctx context.Context, q *pgdb.Queries) (err error) {
		row, err = q.UpdatePost(ctx, change)
		return err
	})
	return written(row), orNotFound(err, domain.ErrPostNotFound)
}

// written is a post as a write returns it, whose types sqlc does not know.
func written(row pgdb.UpdatePostRow) domain.Post {
	return domain.Post{
		ID: domain.PostID(row.ID), OwnerID: domain.UserID(row.OwnerID), Title: row.Title, Content: row.Content,
		Published: row.Published, Version: domain.Version(row.Version), CreatedAt: row.CreatedAt, UpdatedAt: row.UpdatedAt,
		PublishedAt: row.PublishedAt, OwnerName: row.OwnerName, Votes: row.Votes,
	}
}

func (r posts) Delete(ctx context.Context, id domain.PostID, owner domain.UserID, version domain.Version) error {
	return r.write(ctx, func(ctx context.Context, q *pgdb.Queries) error {
		n, err := q.DeletePost(ctx, pgdb.DeletePostParams{ID: id, OwnerID: owner, Version: version})
		if err == nil && n == 0 {
			return domain.ErrPostNotFound
		}
		return err
	})
}

// Index writes what it has read, unless that was changed meanwhile. It passes over a post that fails: it must not keep the others out
// of the index.
func (r posts) Index(ctx context.Context, limit int) (done int, err error) {
	var passed []error
	for before := newestPosition; done < limit; {
		rows, err := r.unindexed(ctx, before, limit-done)
		if err == nil && len(rows) == 0 {
			var again int
			again, err = r.reindex(ctx, limit-done)
			done += again
		}
		if err != nil || len(rows) == 0 {
			return done, errors.Join(append(passed, err)...)
		}
		for _, row := range rows {
			before = backlogPosition(row)
			n, err := r.indexOne(ctx, row)
			if done += int(n); err != nil {
				passed = append(passed, err)
			}
			if ctx.Err() != nil || errors.Is(err, domain.ErrStoreUnavailable) {
				return done, errors.Join(passed...)
			}
		}
	}
	return done, errors.Join(passed...)
}

// newestPosition is before every post, in the order in which they are indexed.
var newestPosition = domain.PostPosition{PublishedAt: time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC), ID: domain.MaxID}

// backlogPosition returns the place of a post in that order. One that was never published has the year 1 (see UnindexedPosts).
func backlogPosition(row pgdb.UnindexedPostsRow) domain.PostPosition {
	position := domain.PostPosition{ID: row.ID}
	if row.PublishedAt != nil {
		position.PublishedAt = *row.PublishedAt
	}
	return position
}

func (r posts) unindexed(ctx context.Context, before domain.PostPosition, limit int) (rows []pgdb.UnindexedPostsRow, err error) {
	err = r.read(ctx, func(ctx context.Context, q *pgdb.Queries) (err error) {
		rows, err = q.UnindexedPosts(ctx, pgdb.UnindexedPostsParams{
			BeforeTime: before.PublishedAt, BeforeID: int64(before.ID), BatchSize: pageSize(limit),
		})
		return err
	})
	return rows, err
}

func (r posts) indexOne(ctx context.Context, row pgdb.UnindexedPostsRow) (n int64, err error) {
	post := pgdb.IndexPostParams{Words: search.Text(row.Title, row.Content), ID: row.ID, Version: row.Version}
	err = r.write(ctx, func(ctx context.Context, q *pgdb.Queries) (err error) {
		n, err = q.IndexPost(ctx, post)
		return err
	})
	return n, err
}
