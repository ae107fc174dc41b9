package sqlite

import (
	"context"

	"example.com/postern/adapters/sqlite/internal/litedb"
	"example.com/postern/domain"
)

type posts struct{ access }

func (r posts) Insert(ctx context.Context, p domain.NewPost) (domain.Post, error) {
	words := newWords(p.Title, p.Content)
	insert := litedb.InsertPostParams{
		OwnerID: p.OwnerID, Title: p.Title, Content: p.Content, Published: p.Published, CreatedAt: p.CreatedAt,
		PublishedAt: p.PublishedAt, IndexedVersion: words.indexed(1),
	}
	var row litedb.ShownPost
	err := r.writeIndexed(ctx, func(ctx context.Context, q *litedb.Queries) ([]wordsChange, error) {
		id, err := q.InsertPost(ctx, insert)
		if err != nil {
			return nil, err
		}
		row, err = q.PostByID(ctx, id)
		return words.changes(id), err
	})
	return domain.Post(row), orNotFound(err, domain.ErrUserNotFound)
}

func (r posts) Visible(ctx context.Context, viewer domain.Viewer, id domain.PostID) (domain.Post, error) {
	var row litedb.ShownPost
	err := r.read(ctx, func(ctx context.Context, q *litedb.Queries) (err error) {
		row, err = q.VisiblePost(context.WithoutCancel(ctx), litedb.VisiblePostParams{ID: id, Viewer: viewer.UserID})
		return err
	})
	return domain.Post(row), orNotFound(err, domain.ErrPostNotFound)
}

func (r posts) Update(ctx context.Context, p domain.Post) (domain.Post, error) {
	words, err := r.changedWords(ctx, p)
	if err != nil {
		return domain.Post{}, err
	}
	change := litedb.UpdatePostParams{
		Title: p.Title, Content: p.Content, Published: p.Published, UpdatedAt: p.UpdatedAt, PublishedAt: p.PublishedAt,
		IndexedVersion: words.indexed(p.Version + 1), ID: p.ID, OwnerID: p.OwnerID, Version: p.Version,
	}
	var row litedb.ShownPost
	err = r.writeIndexed(ctx, func(ctx context.Context, q *litedb.Queries) ([]wordsChange, error) {
		n, err := q.UpdatePost(ctx, change)
		if err == nil && n == 0 {
			err = domain.ErrPostNotFound
		}
		if err != nil {
			return nil, err
		}
		row, err = q.PostByID(ctx, p.ID)
		return words.changes(p.ID), err
	})
	if err != nil {
		return domain.Post{}, err
	}
	return domain.Post(row), nil
}

func (r posts) Delete(ctx context.Context, id domain.PostID, owner domain.UserID, version domain.Version) error {
	return r.write(ctx, func(ctx context.Context, q *litedb.Queries) error {
		n, err := q.DeletePost(ctx, litedb.DeletePostParams{ID: id, OwnerID: owner, Version: version})
		if err == nil && n == 0 {
			return domain.ErrPostNotFound
		}
		return err
	})
}
