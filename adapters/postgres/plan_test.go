package postgres

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"example.com/postern/adapters/postgres/internal/pgdb"
	"example.com/postern/adapters/postgres/pgtest"
)

// explainer answers every query with an error, after it has asked for its plan.
type explainer struct {
	pgdb.DBTX
	conn *pgx.Conn
	plan string
}

func (e *explainer) Query(ctx context.Context, query string, args ...any) (pgx.Rows, error) {
	rows, err := e.conn.Query(ctx, "EXPLAIN "+query, args...)
	if err != nil {
		return nil, err
	}
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	e.plan = strings.Join(lines, "\n")
	return nil, errors.Join(errors.New("only explained"), err)
}

// fill makes posts by several authors, one in ten of them a draft.
func fill(t testing.TB, url, posts, publishedAt string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	for _, statement := range []string{
		"INSERT INTO users (email, email_key, password_hash, created_at) SELECT i, i, 'h', now() FROM generate_series(1, 2000) AS i",
		"INSERT INTO posts (owner_id, title, content, published, version, created_at, updated_at, published_at) " +
			"SELECT 1 + i % 2000, 't', repeat('c', 300), i % 10 <> 0, 1, now(), now(), now() + " + publishedAt + " * interval '1 s' " +
			"FROM generate_series(1, " + posts + ") AS i",
	} {
		_, err := conn.Exec(t.Context(), statement)
		require.NoError(t, err)
	}
	require.NoError(t, conn.Close(t.Context()))
}

func TestListsSearchAnIndexAndDoNotSort(t *testing.T) {
	t.Parallel()
	lists := map[string]func(q *pgdb.Queries) error{
		"PublishedBefore": func(q *pgdb.Queries) error {
			_, err := q.PublishedBefore(t.Context(), pgdb.PublishedBeforeParams{PublishedAt: moment, ID: 1, PageSize: 20})
			return err
		},
		"PublishedAfter": func(q *pgdb.Queries) error {
			_, err := q.PublishedAfter(t.Context(), pgdb.PublishedAfterParams{PublishedAt: moment, ID: 1, PageSize: 20})
			return err
		},
	}
	for name, publishedAt := range map[string]string{"in order": "i", "in no order": "1e6 * random()"} {
		url := pgtest.Migrated(t, Migrate)
		fill(t, url, "20000", publishedAt)
		stores := map[string]*Store{"planned once": openStore(t, url, Options{}), "planned each time": openStore(t, url, Options{Pooler: true})}
		for _, statistics := range []string{"without statistics", "with statistics"} {
			if statistics == "with statistics" {
				execIn(t, url, "ANALYZE")
			}
			for list, ask := range lists {
				for kind, s := range stores {
					plan := explain(t, s, ask)
					what := strings.Join([]string{list, name, kind, statistics, plan}, "\n")
					require.Contains(t, plan, "using posts_published_idx on posts p", what)
					require.Contains(t, plan, "Index Cond: (ROW(published_at, id)", what)
					require.NotContains(t, plan, "Sort", what)
					require.NotContains(t, plan, "Seq Scan", what)
				}
			}
		}
	}
}

func explain(t *testing.T, s *Store, ask func(q *pgdb.Queries) error) (plan string) {
	t.Helper()
	require.NoError(t, s.readConn(t.Context(), func(_ context.Context, conn *pgx.Conn) error {
		e := &explainer{conn: conn}
		require.ErrorContains(t, ask(pgdb.New(e)), "only explained")
		plan = e.plan
		return nil
	}))
	return plan
}
