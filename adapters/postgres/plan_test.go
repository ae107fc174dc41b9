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
	"example.com/postern/domain"
	"example.com/postern/domain/search"
)

// explainer answers a query for rows with an error, after it has asked for its plan. Those before it are run, and those for one row.
type explainer struct {
	pgdb.DBTX // of a conn
	before    int
	generic   bool // it is planned without its arguments, as a prepared statement may be
	plan      string
}

func (e *explainer) Query(ctx context.Context, query string, args ...any) (pgx.Rows, error) {
	if e.before--; e.before >= 0 {
		return e.DBTX.Query(ctx, query, args...)
	}
	if e.generic {
		nulls := strings.Repeat(", NULL", len(args))[2:]
		_, err := e.Exec(ctx, "SET plan_cache_mode = force_generic_plan; DEALLOCATE ALL; PREPARE explained AS "+query,
			pgx.QueryExecModeSimpleProtocol)
		if err != nil {
			return nil, err
		}
		query, args = "EXECUTE explained ("+nulls+")", []any{pgx.QueryExecModeExec}
	}
	rows, err := e.DBTX.Query(ctx, "EXPLAIN "+query, args...)
	if err != nil {
		return nil, err
	}
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	e.plan = strings.Join(lines, "\n")
	return nil, errors.Join(errors.New("only explained"), err)
}

// fill makes posts by twenty of many users, one in ten of them a draft. Each has a common word, one in 5,000 a scarce one too.
func fill(t testing.TB, url, posts, publishedAt string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	for _, statement := range []string{
		"INSERT INTO users (email, email_key, password_hash, created_at) SELECT i, i, 'h', now() FROM generate_series(1, 2000) AS i",
		"INSERT INTO posts (owner_id, title, content, published, version, created_at, updated_at, published_at, indexed_version) " +
			"SELECT 1 + i % 20, 't', repeat('c', 300), i % 10 <> 0, 1, now(), now(), now() + " + publishedAt + " * interval '1 s', 1 " +
			"FROM generate_series(1, " + posts + ") AS i",
		"INSERT INTO post_search (post_id, words) " +
			"SELECT id, ' t · common ' || CASE WHEN id % 5000 = 1 THEN 'scarce ' ELSE '' END || repeat('c', 255) || ' ' FROM posts",
	} {
		_, err := conn.Exec(t.Context(), statement)
		require.NoError(t, err)
	}
	require.NoError(t, conn.Close(t.Context()))
}

// planned is what a page is read by, and what must be in its plan.
type planned struct {
	read   func(ctx context.Context, db pgdb.DBTX) error
	before int // queries that are run
	plan   []string

	statistics bool // it is so only when PostgreSQL knows the tables
	sorts      bool
}

// anywhere is all posts that fill makes.
func anywhere(author domain.UserID, query string, newer bool) domain.PostRange {
	parsed := search.Parse(query)
	return domain.PostRange{
		After: domain.PostPosition{PublishedAt: moment.AddDate(-20, 0, 0)}, Before: domain.PostPosition{PublishedAt: moment.AddDate(20, 0, 0)},
		Author: author, Search: parsed, Newer: newer, Limit: domain.DefaultPageLimit,
	}
}

// inOrder are the lists and the searches that go through them: each begins in the index where the page does, and goes on in it.
func inOrder() map[string]planned {
	of := func(within domain.PostRange, plan ...string) planned {
		return planned{func(ctx context.Context, db pgdb.DBTX) error {
			_, err := published(ctx, db, within)
			return err
		}, 0, plan, within.Author != 0 || within.Search != nil, within.Search != nil} // the posts of a stretch may be sorted
	}
	own := func(within domain.OwnPostRange, plan ...string) planned {
		within.Owner, within.Limit = 1, domain.DefaultPageLimit
		return planned{func(ctx context.Context, db pgdb.DBTX) error {
			_, err := owned(ctx, db, within)
			return err
		}, 0, plan, true, false}
	}
	const (
		inTime = "Index Cond: ((ROW(published_at, id) > "
		until  = ") AND (ROW(published_at, id) < "
		by     = "Index Cond: ((ROW(owner_id, published_at, id) > "
		byEnd  = ") AND (ROW(owner_id, published_at, id) < "
		ofOwn  = "Index Cond: ((ROW(owner_id, id) >"
		state  = "Index Cond: ((ROW(owner_id, published, id) >"
	)
	listed := true
	return map[string]planned{
		"all, older":           of(anywhere(0, "", false), "Scan Backward using posts_published_idx on posts p", inTime, until),
		"all, newer":           of(anywhere(0, "", true), "Scan using posts_published_idx on posts p", inTime, until),
		"author, older":        of(anywhere(1, "", false), "Scan Backward using posts_author_idx on posts c", by, byEnd),
		"author, newer":        of(anywhere(1, "", true), "Scan using posts_author_idx on posts c", by, byEnd),
		"own, older":           own(domain.OwnPostRange{From: domain.MaxID}, "Scan Backward using posts_own_live_idx on posts c", ofOwn, ") AND (ROW(owner_id, id) < "),
		"own, newer":           own(domain.OwnPostRange{Newer: true}, "Scan using posts_own_live_idx on posts c", ofOwn, ") AND (ROW(owner_id, id) < "),
		"own in state, older":  own(domain.OwnPostRange{From: 10, Published: &listed}, "Backward using posts_own_state_live_idx on posts c", state, ") AND (ROW(owner_id, published, id) < "),
		"own in state, newer":  own(domain.OwnPostRange{Newer: true, Published: &listed}, "using posts_own_state_live_idx on posts c", state, ") AND (ROW(owner_id, published, id) < "),
		"search, older":        of(anywhere(0, "common", false), "Scan Backward using posts_published_idx on posts c", inTime, until),
		"search, newer":        of(anywhere(0, "common", true), "Scan using posts_published_idx on posts c", inTime, until),
		"search author, older": of(anywhere(1, "common", false), "Scan Backward using posts_author_idx on posts c", by, byEnd),
		"search author, newer": of(anywhere(1, "common", true), "Scan using posts_author_idx on posts c", by, byEnd),
	}
}

// byWords are the searches for what few posts have.
func byWords() map[string]planned {
	all := map[string]planned{}
	for name, within := range map[string]domain.PostRange{
		"older": anywhere(0, "scarce", false), "newer": anywhere(0, "scarce", true), "phrase": anywhere(0, `"common scarce"`, false),
		"prefix": anywhere(0, "scar*", true), "author": anywhere(2, "scarce", false), "author, newer": anywhere(2, "scarce", true),
	} {
		all[name] = planned{func(ctx context.Context, db pgdb.DBTX) error {
			_, err := published(ctx, db, within)
			return err
		}, 1, []string{ // the stretch comes before
			"Bitmap Index Scan on post_search_words_idx", "posts_pkey",
		}, false, true}
	}
	return all
}

func TestListsSearchAnIndexAndDoNotSort(t *testing.T) {
	t.Parallel()
	for name, publishedAt := range map[string]string{"in order": "i", "in no order": "1e6 * random()"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			requirePlans(t, publishedAt, inOrder(), "Seq Scan on posts", "Seq Scan on post_search")
		})
	}
}

func TestASearchUsesTheIndexOfWords(t *testing.T) {
	t.Parallel()
	requirePlans(t, "i", byWords(), "Seq Scan on posts", "Seq Scan on post_search")
}

// requirePlans looks at the plans with and without statistics, and with and without the arguments.
func requirePlans(t *testing.T, publishedAt string, all map[string]planned, never ...string) {
	t.Helper()
	url := pgtest.Migrated(t, Migrate)
	fill(t, url, "20000", publishedAt)
	s := openStore(t, url, Options{Pooler: true}) // plans are not kept
	for _, statistics := range []string{"without statistics", "with statistics"} {
		if statistics == "with statistics" {
			execIn(t, url, "VACUUM ANALYZE")
		}
		for name, p := range all {
			if p.statistics && statistics == "without statistics" {
				continue
			}
			for _, generic := range []bool{false, true} {
				plan := explain(t, s, p, generic)
				what := strings.Join([]string{name, statistics, map[bool]string{true: "generic"}[generic], plan}, "\n")
				for _, line := range p.plan {
					require.Contains(t, plan, line, what)
				}
				for _, line := range never {
					require.NotContains(t, plan, line, what)
				}
				if !p.sorts {
					_, filling, _ := strings.Cut(plan, "Limit ") // a page that is full may be put into order again
					require.NotContains(t, filling, "Sort", what)
				}
			}
		}
	}
}

func explain(t *testing.T, s *Store, p planned, generic bool) (plan string) {
	t.Helper()
	require.NoError(t, s.readConn(t.Context(), func(ctx context.Context, conn *pgx.Conn) error {
		e := &explainer{DBTX: conn, before: p.before, generic: generic}
		require.ErrorContains(t, p.read(ctx, e), "only explained")
		plan = e.plan
		_, err := conn.Exec(ctx, "RESET plan_cache_mode")
		return err
	}))
	return plan
}

// Every statement is prepared, whatever it is put together from. TestListsSearchAnIndexAndDoNotSort and
// TestASearchUsesTheIndexOfWords look at their plans.
func TestEveryPostQueryIsPrepared(t *testing.T) {
	t.Parallel()
	s := newStore(t, Options{})
	require.NoError(t, s.readConn(t.Context(), func(ctx context.Context, conn *pgx.Conn) error {
		for _, query := range postQueries() {
			_, err := conn.Prepare(ctx, query, query)
			require.NoError(t, err, query)
		}
		return nil
	}))
	require.Len(t, postQueries(), 20)
}
