package postgres

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"example.com/postern/adapters/postgres/internal/pgdb"
	"example.com/postern/adapters/postgres/pgtest"
	"example.com/postern/domain"
)

// The index of words finds a rare word, beyond the posts of a stretch.
func TestASearchGoesBeyondTheStretch(t *testing.T) {
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

// recorder counts the queries for posts.
type recorder struct {
	pgdb.DBTX
	queries int
}

func (r *recorder) Query(ctx context.Context, query string, args ...any) (pgx.Rows, error) {
	r.queries++
	return r.DBTX.Query(ctx, query, args...)
}

// Long posts are not read for a word that they do not have, and a search for a common word reads a bounded amount of text.
func TestLongPostsDoNotHoldUpASearch(t *testing.T) {
	t.Parallel()
	url := pgtest.Migrated(t, Migrate)
	fill(t, url, "4001", "i")
	const size = 100_005
	execIn(t, url, "UPDATE post_search SET words = ' hay ' || repeat(repeat('x', 249) || ' ', 400) WHERE post_id > 3000", "VACUUM ANALYZE")
	require.Equal(t, size, ask[int](t, url, "SELECT max(octet_length(words)) FROM post_search"))
	s := openStore(t, url, Options{})
	for query, want := range map[string]struct{ queries, found int }{
		"nowhere":         {2, 0},
		"scarce":          {2, 1},
		`"common scarce"`: {2, 1},
		"hay":             {1, domain.DefaultPageLimit},
		"common":          {3, domain.DefaultPageLimit},
	} {
		require.NoError(t, s.readConn(t.Context(), func(ctx context.Context, conn *pgx.Conn) error {
			r := &recorder{DBTX: conn}
			posts, err := published(ctx, r, anywhere(0, query, false))
			require.Len(t, posts, want.found, query)
			require.Equal(t, want.queries, r.queries, query)
			return err
		}))
	}
	for _, author := range []domain.UserID{0, 2} {
		all := anywhere(author, "hay", false)
		all.Limit = 2000
		require.NoError(t, s.query(t.Context(), func(ctx context.Context, db pgdb.DBTX) error {
			r := rangeOf(all)
			posts, err := r.look(ctx, db, all.Search, longStretch)
			require.LessOrEqual(t, len(posts)*size, stretchBytes)
			require.Greater(t, (len(posts)+1)*size, stretchBytes)
			return err
		}))
	}
}

// If one stretch contains all posts of an author, it is the whole answer, however many posts of others match.
func TestASearchOfFewPostsEndsWithThem(t *testing.T) {
	t.Parallel()
	url := pgtest.Migrated(t, Migrate)
	fill(t, url, "2000", "i") // 100 by each author
	s := openStore(t, url, Options{})
	require.NoError(t, s.readConn(t.Context(), func(ctx context.Context, conn *pgx.Conn) error {
		r := &recorder{DBTX: conn}
		_, err := published(ctx, r, anywhere(2, "nowhere common", false))
		require.Equal(t, 1, r.queries)
		return err
	}))
}

// PostgreSQL would scan a small table, and split each of its texts into words again.
func TestWordsAreNotComputedAgain(t *testing.T) {
	t.Parallel()
	url := pgtest.Migrated(t, Migrate)
	fill(t, url, "100", "i")
	execIn(t, url, "VACUUM ANALYZE")
	s := openStore(t, url, Options{Pooler: true})
	within := anywhere(0, "common", false)
	words, phrases := tsQuery(within.Search)
	r := rangeOf(within)
	for query, args := range map[string][]any{
		countQuery():              {words, fewFound + 1},
		r.index.indexQuery(false): append(slices.Clone(r.keys), r.limit, words, phrases),
	} {
		for _, generic := range []bool{false, true} {
			plan := explain(t, s, planned{read: func(ctx context.Context, db pgdb.DBTX) error {
				_, err := db.Query(ctx, query, args...)
				return err
			}}, generic)
			require.True(t, slices.ContainsFunc(plan.all(), scan{index: "post_search_words_idx"}.is), plan)
		}
	}
}
