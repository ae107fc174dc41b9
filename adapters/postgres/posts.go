package postgres

import (
	"context"
	"fmt"

	db "example.com/postern/adapters/postgres/internal/pgdb"
	"example.com/postern/domain"
)

// posts implements [domain.PostRepository].
type posts struct{ access }

func (r posts) Visible(ctx context.Context, viewer domain.Viewer, id domain.PostID) (domain.Post, error) {
	row, err := fetch(ctx, r.access, (*db.Queries).VisiblePost, db.VisiblePostParams{ID: id, Viewer: int64(viewer.UserID)})
	return domain.Post(row), orNotFound(err, domain.ErrPostNotFound)
}

// checkTables returns an error if posts cannot be read, because another program has changed the tables.
func checkTables(ctx context.Context, a access) error {
	if _, err := (posts{a}).Published(ctx, domain.PostRange{}); err != nil {
		return fmt.Errorf("read the tables: %w", err)
	}
	return nil
}

func (r posts) AllOf(ctx context.Context, owner domain.UserID, after domain.PostID, limit int) (all []domain.Post, err error) {
	rows, err := fetch(ctx, r.access, (*db.Queries).PostsOfOwner, db.PostsOfOwnerParams{OwnerID: owner, AfterID: after, PageSize: pageSize(limit)})
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
