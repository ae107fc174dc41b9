package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"example.com/postern/adapters/postgres/internal/pgdb"
	"example.com/postern/adapters/postgres/pgtest"
	"example.com/postern/domain"
	"example.com/postern/domain/search"
)

// planNode is a step of a plan, with the steps below it.
type planNode struct {
	Type       string     `json:"Node Type"`
	Relation   string     `json:"Relation Name"`
	Alias      string     `json:"Alias"`
	Index      string     `json:"Index Name"`
	Direction  string     `json:"Scan Direction"` // Forward or Backward, of an index scan
	Condition  string     `json:"Index Cond"`
	Filter     string     `json:"Filter"`
	JoinFilter string     `json:"Join Filter"`
	Plans      []planNode `json:"Plans"`
}

// all returns the node and every node below it.
func (n planNode) all() []planNode {
	nodes := []planNode{n}
	for _, below := range n.Plans {
		nodes = append(nodes, below.all()...)
	}
	return nodes
}

// String returns the whole plan, for the message of a test that fails.
func (n planNode) String() string {
	text, _ := json.MarshalIndent(n, "", " ") // it came from JSON
	return string(text)
}

// explainer asks for the plan of a query for rows, and then answers the query with an error.
type explainer struct {
	pgdb.DBTX      // of a conn
	before    int  // queries for rows that are run first
	generic   bool // plan without the arguments, as for a prepared statement
	plan      planNode
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
	rows, err := e.DBTX.Query(ctx, "EXPLAIN (FORMAT JSON) "+query, args...)
	if err != nil {
		return nil, err
	}
	text, err := pgx.CollectExactlyOneRow(rows, pgx.RowTo[[]byte])
	if err != nil {
		return nil, err
	}
	var plans []struct{ Plan planNode }
	if err := json.Unmarshal(text, &plans); err != nil {
		return nil, err
	}
	e.plan = plans[0].Plan
	return nil, errors.New("only explained")
}

// fill inserts posts by twenty of many users. One in ten is a draft. The first user votes for all posts, the others for few.
// Each post contains "common", and one in 5,000 also "scarce".
func fill(t testing.TB, url, posts, publishedAt string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	for _, statement := range []string{
		"SET session_replication_role = replica", // foreign keys are not checked
		"INSERT INTO users (email, email_key, password_hash, created_at) SELECT i, i, 'h', now() FROM generate_series(1, 2000) AS i",
		"INSERT INTO posts (owner_id, title, content, published, version, created_at, updated_at, published_at, indexed_version) " +
			"SELECT 1 + i % 20, 't', repeat('c', 300), i % 10 <> 0, 1, now(), now(), now() + " + publishedAt + " * interval '1 s', 1 " +
			"FROM generate_series(1, " + posts + ") AS i",
		"INSERT INTO post_search (post_id, words) " +
			"SELECT id, ' t · common ' || CASE WHEN id % 5000 = 1 THEN 'scarce ' ELSE '' END || repeat('c', 255) || ' ' FROM posts",
		"INSERT INTO votes (post_id, user_id) SELECT id, 1 FROM posts UNION ALL SELECT id, 2 + id % 1999 FROM posts WHERE id < 8000",
	} {
		_, err := conn.Exec(t.Context(), statement)
		require.NoError(t, err)
	}
	require.NoError(t, conn.Close(t.Context()))
}

// planned is a query for a page of posts, and the scans that its plan must have.
type planned struct {
	read   func(ctx context.Context, db pgdb.DBTX) error
	before int // queries for rows that come before it
	scans  []scan

	statistics bool // PostgreSQL makes this plan only with statistics
	sorts      bool
}

// scan is a scan of an index: between two bounds in a direction, unless direction is empty.
type scan struct{ index, direction, alias string }

var comparison = regexp.MustCompile(`[<>]=?`)

// is reports whether a node is the scan. Both bounds must be in the condition of the index, and none in a filter.
func (s scan) is(n planNode) bool {
	if s.direction == "" {
		return n.Index == s.index && (s.alias == "" || n.Alias == s.alias)
	}
	return n.Index == s.index && n.Direction == s.direction && len(comparison.FindAllString(n.Condition, -1)) == 2 &&
		!comparison.MatchString(n.Filter)
}

// anywhere returns a range with all posts that fill makes.
func anywhere(author domain.UserID, query string, newer bool) domain.PostRange {
	parsed := search.Parse(query)
	return domain.PostRange{
		After: domain.PostPosition{PublishedAt: moment.AddDate(-20, 0, 0)}, Before: domain.PostPosition{PublishedAt: moment.AddDate(20, 0, 0)},
		Author: author, Search: parsed, Newer: newer, Limit: domain.DefaultPageLimit,
	}
}

// inOrder returns the lists and the searches that read posts in the order of an index, from the start of the page on.
func inOrder() map[string]planned {
	list := func(within domain.PostRange, index, direction string) planned {
		return planned{func(ctx context.Context, db pgdb.DBTX) error {
			_, err := published(ctx, db, within)
			return err
		}, 0, []scan{{index: index, direction: direction}}, within.Author != 0 || within.Search != nil, within.Search != nil} // the posts of a stretch may be sorted
	}
	own := func(within domain.OwnPostRange, index, direction string) planned {
		within.Owner, within.Limit = 1, domain.DefaultPageLimit
		return planned{func(ctx context.Context, db pgdb.DBTX) error {
			_, err := owned(ctx, db, within)
			return err
		}, 0, []scan{{index: index, direction: direction}}, true, false}
	}
	const older, newer = "Backward", "Forward"
	listed := true
	all := map[string]planned{
		"all, older":           list(anywhere(0, "", false), "posts_published_idx", older),
		"all, newer":           list(anywhere(0, "", true), "posts_published_idx", newer),
		"author, older":        list(anywhere(1, "", false), "posts_author_idx", older),
		"author, newer":        list(anywhere(1, "", true), "posts_author_idx", newer),
		"own, older":           own(domain.OwnPostRange{From: domain.MaxID}, "posts_own_shown_idx", older),
		"own, newer":           own(domain.OwnPostRange{Newer: true}, "posts_own_shown_idx", newer),
		"own in state, older":  own(domain.OwnPostRange{From: 10, Published: &listed}, "posts_own_state_shown_idx", older),
		"own in state, newer":  own(domain.OwnPostRange{Newer: true, Published: &listed}, "posts_own_state_shown_idx", newer),
		"search, older":        list(anywhere(0, "common", false), "posts_published_idx", older),
		"search, newer":        list(anywhere(0, "common", true), "posts_published_idx", newer),
		"search author, older": list(anywhere(1, "common", false), "posts_author_idx", older),
		"search author, newer": list(anywhere(1, "common", true), "posts_author_idx", newer),
	}
	seen := func(within domain.PostRange, index, direction string) planned {
		within.Viewer.UserID = 1
		return list(within, index, direction)
	}
	all["seen by a user, older"] = seen(anywhere(0, "", false), "posts_published_idx", older)
	all["seen by a user, newer"] = seen(anywhere(0, "", true), "posts_published_idx", newer)
	all["author seen by a user"] = seen(anywhere(1, "", false), "posts_author_idx", older)
	all["search by a user"] = seen(anywhere(0, "common", true), "posts_published_idx", newer)
	return all
}

// byWords returns the searches for words that few posts have.
func byWords() map[string]planned {
	all := map[string]planned{}
	for name, within := range map[string]domain.PostRange{
		"older": anywhere(0, "scarce", false), "newer": anywhere(0, "scarce", true), "phrase": anywhere(0, `"common scarce"`, false),
		"prefix": anywhere(0, "scar*", true), "author": anywhere(2, "scarce", false), "author, newer": anywhere(2, "scarce", true),
	} {
		all["few posts, "+name] = planned{read: func(ctx context.Context, db pgdb.DBTX) error {
			_, err := published(ctx, db, within)
			return err
		}, before: 1, scans: []scan{{index: "post_search_words_idx"}, {index: "posts_pkey"}}, sorts: true} // the stretch comes before
	}
	return all
}

func TestListsSearchAnIndexAndDoNotSort(t *testing.T) {
	t.Parallel()
	for name, publishedAt := range map[string]string{"in order": "i", "in no order": "1e6 * random()"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			all := inOrder()
			maps.Copy(all, byWords())
			requirePlans(t, publishedAt, all)
		})
	}
}

// requirePlans checks the plans with and without statistics, and with and without the arguments.
func requirePlans(t *testing.T, publishedAt string, all map[string]planned) {
	t.Helper()
	url := pgtest.Migrated(t, Migrate)
	fill(t, url, "20000", publishedAt)
	s := openStore(t, url, Options{Pooler: true}) // plans are not kept
	for _, statistics := range []bool{false, true} {
		if statistics {
			execIn(t, url, "VACUUM ANALYZE")
		}
		for name, p := range all {
			if p.statistics && !statistics {
				continue
			}
			for _, generic := range []bool{false, true} {
				plan := explain(t, s, p, generic)
				requirePlan(t, p, plan, fmt.Sprintf("%s, statistics: %t, generic: %t\n%s", name, statistics, generic, plan))
			}
		}
	}
}

func requirePlan(t *testing.T, want planned, plan planNode, message string) {
	t.Helper()
	nodes := plan.all()
	for _, scan := range want.scans {
		require.True(t, slices.ContainsFunc(nodes, scan.is), "%v: %s", scan, message)
	}
	for _, n := range nodes {
		if n.Type == "Seq Scan" {
			require.NotContains(t, []string{"posts", "post_search"}, n.Relation, message)
		}
		if n.Relation == "votes" { // the votes for one post, not all votes of the viewer
			require.Contains(t, n.Condition, "post_id = ", message)
			require.Contains(t, n.Condition, "user_id = ", message)
		}
		if n.Type == "Limit" && !want.sorts { // above it, a full page may be sorted again
			for _, below := range n.all() {
				require.NotContains(t, below.Type, "Sort", message)
			}
		}
	}
}

func explain(t *testing.T, s *Store, p planned, generic bool) (plan planNode) {
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

// PostgreSQL accepts every statement that is put together from parts. TestListsSearchAnIndexAndDoNotSort checks their plans.
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
	require.Len(t, postQueries(), 21)
}
