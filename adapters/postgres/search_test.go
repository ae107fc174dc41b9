package postgres

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"example.com/postern/adapters/postgres/internal/pgdb"
	"example.com/postern/adapters/postgres/pgtest"
	"example.com/postern/domain"
)

// A word that few of many posts have is found by the index of words, beyond the posts that a walk reads.
func TestASearchGoesBeyondTheWalk(t *testing.T) {
	t.Parallel()
	url := pgtest.Migrated(t, Migrate)
	fill(t, url, "6000", "i")
	s := openStore(t, url, Options{})
	execIn(t, url, "UPDATE post_search SET words = ' needle in hay ' WHERE post_id IN (1, 2, 3, 5999)",
		"UPDATE post_search SET words = words || 'ancient ' WHERE post_id BETWEEN 4 AND 2500 OR post_id = 5998")
	for query, want := range map[string]int{"needle": 4, `"needle in"`: 4, `"in needle"`: 0, "need*": 4, `"needle hay"`: 0, "needle common": 0, "ancient": 100, `"ancient in"`: 0} {
		posts := found(t, s, query)
		require.Len(t, posts, want, query)
		for i := 1; i < len(posts); i++ {
			require.Greater(t, posts[i-1].ID, posts[i].ID)
		}
	}
	cut, cancel := context.WithTimeout(t.Context(), time.Nanosecond)
	defer cancel()
	_, err := s.Posts().Published(cut, anywhere(0, "needle", false))
	require.ErrorIs(t, err, context.DeadlineExceeded)
}

// recorder keeps the names of queries.
type recorder struct {
	pgdb.DBTX
	names []string
}

func (r *recorder) record(query string) {
	r.names = append(r.names, strings.Fields(query)[2])
}

func (r *recorder) Query(ctx context.Context, query string, args ...any) (pgx.Rows, error) {
	r.record(query)
	return r.DBTX.Query(ctx, query, args...)
}

func (r *recorder) QueryRow(ctx context.Context, query string, args ...any) pgx.Row {
	r.record(query)
	return r.DBTX.QueryRow(ctx, query, args...)
}

// Long posts are not read for a word that they do not have, and a search for a common word reads a bounded amount of text.
func TestLongPostsDoNotHoldUpASearch(t *testing.T) {
	t.Parallel()
	url := pgtest.Migrated(t, Migrate)
	fill(t, url, "6001", "i")
	const size = 100_005
	execIn(t, url, "UPDATE post_search SET words = ' hay ' || repeat(repeat('x', 249) || ' ', 400) WHERE post_id > 4000", "VACUUM ANALYZE")
	require.Equal(t, size, ask[int](t, url, "SELECT max(octet_length(words)) FROM post_search"))
	s := openStore(t, url, Options{})
	for query, c := range map[string]struct {
		path  string
		found int
	}{
		"nowhere":         {"CountFound", 0},
		"scarce":          {"CountFound FoundOlder", 1},
		`"common scarce"`: {"CountFound FoundOlder", 1},
		"hay":             {"CountFound WalkOlder", domain.DefaultPageLimit},
		"common":          {"CountFound WalkOlder MeasurePublished FoundOlder", domain.DefaultPageLimit},
	} {
		require.NoError(t, s.readConn(t.Context(), func(ctx context.Context, conn *pgx.Conn) error {
			r := &recorder{DBTX: conn}
			begun := time.Now()
			posts, err := search(ctx, pgdb.New(r), anywhere(0, query, false))
			t.Logf("%s: %v", query, time.Since(begun))
			require.Len(t, posts, c.found, query)
			require.Equal(t, c.path, strings.Join(r.names, " "), query)
			return err
		}))
	}
	all := anywhere(0, "hay", false)
	for name, walk := range map[string]func(context.Context, *pgdb.Queries) ([]pgdb.ShownPost, error){
		"older": func(ctx context.Context, q *pgdb.Queries) ([]pgdb.ShownPost, error) {
			return q.WalkOlder(ctx, pgdb.WalkOlderParams{AfterTime: all.After.PublishedAt, BeforeTime: all.Before.PublishedAt,
				PageSize: 20, Walk: longWalk.posts, Octets: 3*size + 1, Texts: texts(all.Search)})
		},
		"of an author": func(ctx context.Context, q *pgdb.Queries) ([]pgdb.ShownPost, error) {
			return q.WalkAuthoredOlder(ctx, pgdb.WalkAuthoredOlderParams{AfterTime: all.After.PublishedAt, BeforeTime: all.Before.PublishedAt,
				Author: 2, PageSize: 20, Walk: longWalk.posts, Octets: 3*size + 1, Texts: texts(all.Search)})
		},
	} {
		require.NoError(t, s.read(t.Context(), func(ctx context.Context, q *pgdb.Queries) error {
			posts, err := walk(ctx, q)
			require.Len(t, posts, 3, name)
			return err
		}))
	}
}

// PostgreSQL would scan a small table, and split each of its texts into words again.
func TestWordsAreNotComputedAgain(t *testing.T) {
	t.Parallel()
	url := pgtest.Migrated(t, Migrate)
	fill(t, url, "100", "i")
	execIn(t, url, "VACUUM ANALYZE")
	s := openStore(t, url, Options{Pooler: true})
	for _, generic := range []bool{false, true} {
		plan := explain(t, s, planned{read: func(ctx context.Context, q *pgdb.Queries) error {
			_, err := search(ctx, q, anywhere(0, "common", false))
			return err
		}}, generic)
		require.True(t, slices.ContainsFunc(plan.all(), scan{index: "post_search_words_idx"}.is), plan)
	}
}
