package postgres

import (
	"context"
	"math"

	"github.com/jackc/pgx/v5"

	"example.com/postern/adapters/postgres/internal/pgdb"
	"example.com/postern/domain"
)

// postRange is a range of an index of posts, between two keys that it excludes.
type postRange struct {
	index  postIndex
	newer  bool
	limit  int32
	keys   []any // the one before the range, and the one after it
	viewer domain.UserID
}

func (r posts) Published(ctx context.Context, within domain.PostRange) (page []domain.Post, err error) {
	err = r.query(ctx, func(ctx context.Context, db pgdb.DBTX) (err error) {
		page, err = published(ctx, db, within)
		return err
	})
	return page, err
}

func published(ctx context.Context, db pgdb.DBTX, within domain.PostRange) ([]domain.Post, error) {
	r := rangeOf(within)
	if within.Search != nil {
		return r.search(ctx, db, within.Search)
	}
	return r.read(ctx, db, r.index.pageQuery(r.newer), r.limit)
}

func rangeOf(within domain.PostRange) postRange {
	r := postRange{byTime, within.Newer, pageSize(within.Limit), []any{
		within.After.PublishedAt, within.After.ID, within.Before.PublishedAt, within.Before.ID,
	}, within.Viewer.UserID}
	if within.Author != 0 {
		r.index, r.keys = byAuthor, []any{
			within.Author, within.After.PublishedAt, within.After.ID, within.Author, within.Before.PublishedAt, within.Before.ID,
		}
	}
	return r
}

func (r posts) OwnedBy(ctx context.Context, within domain.OwnPostRange) (page []domain.Post, err error) {
	err = r.query(ctx, func(ctx context.Context, db pgdb.DBTX) (err error) {
		page, err = owned(ctx, db, within)
		return err
	})
	return page, err
}

func owned(ctx context.Context, db pgdb.DBTX, within domain.OwnPostRange) ([]domain.Post, error) {
	after, before := domain.PostID(0), within.From
	if within.Newer {
		after, before = within.From, domain.MaxID+1
	}
	r := postRange{byOwner, within.Newer, pageSize(within.Limit), []any{within.Owner, after, within.Owner, before}, within.Owner}
	if within.Published != nil {
		r.index, r.keys = byState, []any{within.Owner, *within.Published, after, within.Owner, *within.Published, before}
	}
	return r.read(ctx, db, r.index.pageQuery(r.newer), r.limit)
}

// read runs a statement with the keys of the range and the arguments that follow them. Unless the viewer of
// the range is anonymous, it also reads whether the viewer votes for the posts.
func (r postRange) read(ctx context.Context, db pgdb.DBTX, query string, args ...any) (page []domain.Post, err error) {
	args = append(r.keys[:len(r.keys):len(r.keys)], args...)
	if r.viewer != 0 {
		args = append(args, r.viewer)
		query = r.index.votedQuery(query, r.newer, len(args))
	}
	rows, err := db.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var p domain.Post
		columns := []any{&p.ID, &p.OwnerID, &p.Title, &p.Content, &p.Published, &p.Version,
			&p.CreatedAt, &p.UpdatedAt, &p.PublishedAt, &p.OwnerName, &p.Votes}
		if r.viewer != 0 {
			columns = append(columns, &p.Voted)
		}
		if err := rows.Scan(columns...); err != nil {
			return nil, err
		}
		page = append(page, p)
	}
	return page, rows.Err()
}

// query is read for statements that are not generated.
func (s *Store) query(ctx context.Context, fn func(context.Context, pgdb.DBTX) error) error {
	return s.readConn(ctx, func(ctx context.Context, conn *pgx.Conn) error { return fn(ctx, conn) })
}

func (t *tx) query(ctx context.Context, fn func(context.Context, pgdb.DBTX) error) error {
	return t.run(ctx, func(ctx context.Context) error { return fn(ctx, t.begun) })
}

// pageSize returns a limit that the server accepts. It refuses negative ones.
func pageSize(limit int) int32 { return int32(min(max(limit, 0), math.MaxInt32)) }
