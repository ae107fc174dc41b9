package sqlite

import (
	"context"

	"example.com/postern/adapters/sqlite/internal/litedb"
	"example.com/postern/domain"
)

type posts struct{ access }

func (r posts) Insert(ctx context.Context, p domain.NewPost) (domain.Post, error) {
	words := domain.SearchText(p.Title, p.Content)
	var row litedb.ShownPost
	err := r.write(ctx, func(ctx context.Context, q *litedb.Queries) error {
		id, err := q.InsertPost(ctx, litedb.InsertPostParams(p))
		if err != nil {
			return err
		}
		if err := q.PutWords(ctx, litedb.PutWordsParams{ID: id, Words: words}); err != nil {
			return err
		}
		row, err = q.PostByID(ctx, id)
		return err
	})
	return domain.Post(row), orNotFound(err, domain.ErrUserNotFound)
}

func (r posts) ByID(ctx context.Context, id domain.PostID) (domain.Post, error) {
	var row litedb.ShownPost
	err := r.read(ctx, func(ctx context.Context, q *litedb.Queries) (err error) {
		row, err = q.PostByID(context.WithoutCancel(ctx), id)
		return err
	})
	return domain.Post(row), orNotFound(err, domain.ErrPostNotFound)
}

func (r posts) Update(ctx context.Context, p domain.Post) (domain.Post, error) {
	words := domain.SearchText(p.Title, p.Content)
	var row litedb.ShownPost
	err := r.write(ctx, func(ctx context.Context, q *litedb.Queries) error {
		n, err := q.UpdatePost(ctx, litedb.UpdatePostParams{
			Title: p.Title, Content: p.Content, Published: p.Published, UpdatedAt: p.UpdatedAt, PublishedAt: p.PublishedAt,
			ID: p.ID, OwnerID: p.OwnerID, Version: p.Version,
		})
		if err == nil && n == 0 {
			err = domain.ErrPostNotFound
		}
		if err == nil {
			err = q.PutWords(ctx, litedb.PutWordsParams{ID: p.ID, Words: words})
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

func (r posts) Delete(ctx context.Context, id domain.PostID, owner domain.UserID, version domain.Version) error {
	return r.write(ctx, func(ctx context.Context, q *litedb.Queries) error {
		n, err := q.DeletePost(ctx, litedb.DeletePostParams{ID: id, OwnerID: owner, Version: version})
		if err == nil && n == 0 {
			err = domain.ErrPostNotFound
		}
		if err != nil {
			return err
		}
		return q.DeleteWords(ctx, id)
	})
}

// Index finds the words of a batch while others wait, which is why a batch is small.
func (r posts) Index(ctx context.Context, limit int) (int, error) {
	return sweep(ctx, r, func(ctx context.Context, q *litedb.Queries) (int64, error) {
		rows, err := q.UnindexedPosts(ctx, pageSize(limit))
		if err != nil {
			return 0, err
		}
		for _, row := range rows {
			words := litedb.PutWordsParams{ID: row.ID, Words: domain.SearchText(row.Title, row.Content)}
			if err := q.PutWords(ctx, words); err != nil {
				return 0, err
			}
			if err := q.SetIndexed(ctx, row.ID); err != nil {
				return 0, err
			}
		}
		return int64(len(rows)), nil
	})
}
