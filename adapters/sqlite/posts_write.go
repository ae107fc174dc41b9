package sqlite

import (
	"context"

	"example.com/postern/adapters/sqlite/internal/litedb"
	"example.com/postern/domain"
)

func (r posts) Insert(ctx context.Context, p domain.NewPost) (domain.Post, error) {
	plan := planIndex(p.Title, p.Content)
	insert := litedb.InsertPostParams{
		OwnerID: p.OwnerID, Title: p.Title, Content: p.Content, Published: p.Published, CreatedAt: p.CreatedAt,
		PublishedAt: p.PublishedAt, IndexedVersion: plan.indexedVersion(1),
	}
	var row litedb.InsertPostRow
	err := r.writeIndexed(ctx, func(ctx context.Context, q *litedb.Queries) (_ []indexChange, err error) {
		row, err = q.InsertPost(ctx, insert)
		return plan.changes(row.ID), err
	})
	if err != nil {
		return domain.Post{}, orNotFound(err, domain.ErrUserNotFound)
	}
	return p.Inserted(row.ID, row.Name), nil
}

func (r posts) Update(ctx context.Context, p domain.Post) (domain.Post, error) {
	plan, err := r.planUpdate(ctx, p)
	if err != nil {
		return domain.Post{}, err
	}
	change := litedb.UpdatePostParams{
		Title: p.Title, Content: p.Content, Published: p.Published, UpdatedAt: p.UpdatedAt, PublishedAt: p.PublishedAt,
		IndexedVersion: plan.indexedVersion(p.Version + 1), ID: p.ID, OwnerID: p.OwnerID, Version: p.Version,
	}
	var row litedb.PostByIDRow
	err = r.writeIndexed(ctx, func(ctx context.Context, q *litedb.Queries) ([]indexChange, error) {
		n, err := q.UpdatePost(ctx, change)
		if err := requireRow(n, err, domain.ErrPostNotFound); err != nil {
			return nil, err
		}
		row, err = q.PostByID(ctx, p.ID)
		return plan.changes(p.ID), err
	})
	if err != nil {
		return domain.Post{}, err
	}
	return domain.Post(row), nil
}
