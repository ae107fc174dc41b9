// Code generated from adapters/postgres/posts.go by make generate. DO NOT EDIT.

package sqlite

import (
	"context"
	"errors"
	"fmt"

	db "example.com/postern/adapters/sqlite/internal/litedb"
	"example.com/postern/domain"
)

// posts implements [domain.PostRepository].
type posts struct{ access }

func (r posts) Visible(ctx context.Context, viewer domain.Viewer, id domain.PostID) (domain.Post, error) {
	if viewer.UserID == 0 {
		row, err := fetch(ctx, r.access, (*db.Queries).PublishedPost, id)
		return shownPost(row), orNotFound(err, domain.ErrPostNotFound)
	}
	row, err := fetch(ctx, r.access, (*db.Queries).VisiblePost, db.VisiblePostParams{ID: id, Viewer: viewer.UserID})
	return domain.Post(row), orNotFound(err, domain.ErrPostNotFound)
}

// checkTables returns an error if posts cannot be read, because another program has changed the tables.
func checkTables(ctx context.Context, a access) error {
	_, err := posts{a}.Visible(ctx, domain.Viewer{}, 0)
	if err != nil && !errors.Is(err, domain.ErrPostNotFound) {
		return fmt.Errorf("read the tables: %w", err)
	}
	return nil
}

// shownPost converts a post that was read for an anonymous viewer.
func shownPost(row db.ShownPost) domain.Post {
	return domain.Post{
		ID: row.ID, OwnerID: row.OwnerID, Title: row.Title, Content: row.Content, Published: row.Published, Version: row.Version,
		CreatedAt: row.CreatedAt, UpdatedAt: row.UpdatedAt, PublishedAt: row.PublishedAt, OwnerName: row.OwnerName, Votes: row.Votes,
	}
}

func (r posts) AllOf(ctx context.Context, owner domain.UserID, after domain.PostID, limit int) (all []domain.Post, err error) {
	rows, err := fetch(ctx, r.access, (*db.Queries).PostsOfOwner, db.PostsOfOwnerParams{
		OwnerID: owner, AfterID: after, PageSize: pageSize(limit),
	})
	for _, row := range rows {
		all = append(all, domain.Post(row))
	}
	return all, err
}

func (r posts) VotedBy(ctx context.Context, voter domain.UserID, after domain.PostID, limit int) ([]domain.PostID, error) {
	return fetch(ctx, r.access, (*db.Queries).VotedPosts, db.VotedPostsParams{Voter: voter, AfterID: after, PageSize: pageSize(limit)})
}

func (r posts) SetHidden(ctx context.Context, id domain.PostID, hidden bool) error {
	query := (*db.Queries).ShowPost
	if hidden {
		query = (*db.Queries).HidePost
	}
	n, err := change(ctx, r.access, query, id)
	return requireRow(n, err, domain.ErrPostNotFound)
}

func (r posts) Delete(ctx context.Context, id domain.PostID, owner domain.UserID, version domain.Version) error {
	n, err := change(ctx, r.access, (*db.Queries).DeletePost, db.DeletePostParams{ID: id, OwnerID: owner, Version: version})
	return requireRow(n, err, domain.ErrPostNotFound)
}
