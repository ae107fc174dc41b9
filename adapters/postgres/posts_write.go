package postgres

import (
	"context"
	"errors"

	"example.com/postern/adapters/postgres/internal/pgdb"
	"example.com/postern/domain"
	"example.com/postern/domain/search"
)

func (r posts) Insert(ctx context.Context, p domain.NewPost) (domain.Post, error) {
	row, err := change(ctx, r.access, (*pgdb.Queries).InsertPost, pgdb.InsertPostParams{
		OwnerID: p.OwnerID, Title: p.Title, Content: p.Content, Published: p.Published, CreatedAt: p.CreatedAt,
		PublishedAt: p.PublishedAt, Words: search.Text(p.Title, p.Content),
	})
	if err != nil {
		return domain.Post{}, orNotFound(err, domain.ErrUserNotFound)
	}
	return p.Inserted(domain.PostID(row.ID), row.OwnerName), nil
}

func (r posts) Update(ctx context.Context, p domain.Post) (domain.Post, error) {
	row, err := change(ctx, r.access, (*pgdb.Queries).UpdatePost, pgdb.UpdatePostParams{
		Title: p.Title, Content: p.Content, Published: p.Published, UpdatedAt: p.UpdatedAt, PublishedAt: p.PublishedAt,
		ID: p.ID, OwnerID: p.OwnerID, Version: p.Version, Words: search.Text(p.Title, p.Content),
	})
	return domain.Post(row), orNotFound(err, domain.ErrPostNotFound)
}

// indexOne indexes one version of a post. It reports false if the post has a newer version, or another instance has
// indexed it.
func (r posts) indexOne(ctx context.Context, row pgdb.UnindexedPostsRow) (bool, error) {
	n, err := change(ctx, r.access, (*pgdb.Queries).IndexPost,
		pgdb.IndexPostParams{Words: search.Text(row.Title, row.Content), ID: row.ID, Version: row.Version})
	return n == 1, err
}

func (r posts) reindexOne(ctx context.Context, row pgdb.IndexedPostsRow) error {
	_, err := change(ctx, r.access, (*pgdb.Queries).ReindexPost,
		pgdb.ReindexPostParams{ID: row.ID, Version: row.Version, Words: search.Text(row.Title, row.Content)})
	return err
}

// isDown reports whether indexing a post failed because of the store, not because of the post.
func isDown(err error) bool { return errors.Is(err, domain.ErrStoreUnavailable) }
