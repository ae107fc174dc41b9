package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/postern/adapters/sqlite/internal/litedb"
)

// explainer answers every query with an error, after it has asked for its plan.
type explainer struct {
	litedb.DBTX
	db   *sql.DB
	plan string
}

func (e *explainer) QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error) {
	rows, err := e.db.QueryContext(ctx, "EXPLAIN QUERY PLAN "+query, args...)
	if err != nil {
		return nil, err
	}
	for rows.Next() {
		var id, parent, unused int
		var detail string
		if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
			return nil, err
		}
		e.plan += detail + "\n"
	}
	return nil, errors.Join(errors.New("only explained"), rows.Close())
}

func TestListsSearchAnIndexAndDoNotSort(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	for name, list := range map[string]func(q *litedb.Queries) error{
		"PublishedBefore": func(q *litedb.Queries) error {
			_, err := q.PublishedBefore(t.Context(), litedb.PublishedBeforeParams{PublishedAt: moment, ID: 1, PageSize: 20})
			return err
		},
		"PublishedAfter": func(q *litedb.Queries) error {
			_, err := q.PublishedAfter(t.Context(), litedb.PublishedAfterParams{PublishedAt: moment, ID: 1, PageSize: 20})
			return err
		},
	} {
		e := &explainer{db: s.readDB}
		require.ErrorContains(t, list(litedb.New(e)), "only explained", name)
		require.Regexp(t, `(?m)^SEARCH p USING INDEX posts_published_idx \(published_at[<>]\?\)$`, e.plan, name)
		require.NotContains(t, e.plan, "TEMP B-TREE", name)
		require.NotContains(t, e.plan, "SCAN", name)
		require.Equal(t, 2, strings.Count(e.plan, "SEARCH"), name)
	}
}
