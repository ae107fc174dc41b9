package postgres

import (
	"context"

	db "example.com/postern/adapters/postgres/internal/pgdb"
	"example.com/postern/domain"
)

// posts implements [domain.PostRepository].
type posts struct{ access }

func (r posts) Visible(ctx context.Context, viewer domain.Viewer, id domain.PostID) (domain.Post, error) {
	if viewer.UserID == 0 {
		row, err := fetch(ctx, r.access, (*db.Queries).PublishedPost, id)
		return domain.Post(row), orNotFound(err, domain.ErrPostNotFound)
	}
	row, err := fetch(ctx, r.access, (*db.Queries).VisiblePost, db.VisiblePostParams{ID: id, Viewer: viewer.UserID})
	return domain.Post(row), orNotFound(err, domain.ErrPostNotFound)
}

func (r posts) Delete(ctx context.Context, id domain.PostID, owner domain.UserID, version domain.Version) error {
	n, err := change(ctx, r.access, (*db.Queries).DeletePost, db.DeletePostParams{ID: id, OwnerID: owner, Version: version})
	return requireRow(n, err, domain.ErrPostNotFound)
}
