package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/postern/adapters/sqlite/internal/litedb"
	"example.com/postern/domain"
	"example.com/postern/domain/search"
)

// explainer asks for the plan of every query, and then answers the query with an error.
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

func (e *explainer) QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row {
	_, _ = e.QueryContext(ctx, query, args...)
	return e.db.QueryRowContext(ctx, `SELECT 1 FROM "only explained"`) // an error that says so
}

func (e *explainer) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	_, err := e.QueryContext(ctx, query, args...)
	return nil, err
}

// list is a query that reads a page of posts, with the search that it must make.
type list struct {
	plan string
	read func(q *litedb.Queries) ([]domain.Post, error)
}

// lists returns the queries for a page: for an anonymous reader, or for a viewer and with the votes of the viewer.
func lists(ctx context.Context, viewer domain.UserID) map[string]list {
	const (
		all      = `posts_published_idx \(published_at>\? AND published_at<\?\)`
		authored = `posts_author_idx \(owner_id=\? AND published_at>\? AND published_at<\?\)`
	)
	published := func(plan string, author domain.UserID, newer bool) list {
		within := anywhere()
		within.Author, within.Newer, within.Viewer.UserID = author, newer, viewer
		return list{plan, func(q *litedb.Queries) ([]domain.Post, error) { return listed(ctx, q, within) }}
	}
	queries := map[string]list{
		"PublishedOlder": published(all, 0, false), "PublishedNewer": published(all, 0, true),
		"AuthoredOlder": published(authored, 1, false), "AuthoredNewer": published(authored, 1, true),
	}
	if viewer == 0 {
		return queries
	}
	own := litedb.OwnedOlderParams{OwnerID: viewer, FromID: 10, PageSize: 20}
	in := litedb.OwnedInStateOlderParams{OwnerID: viewer, Published: true, FromID: 10, PageSize: 20}
	queries["OwnedOlder"] = list{`posts_own_idx \(owner_id=\? AND (id|rowid)<\?\)`, func(q *litedb.Queries) ([]domain.Post, error) {
		return pageOf(q.OwnedOlder(ctx, own))
	}}
	queries["OwnedNewer"] = list{`posts_own_idx \(owner_id=\? AND (id|rowid)>\?\)`, func(q *litedb.Queries) ([]domain.Post, error) {
		return pageOf(q.OwnedNewer(ctx, litedb.OwnedNewerParams(own)))
	}}
	const state = `posts_own_state_idx \(owner_id=\? AND published=\? AND (id|rowid)`
	queries["OwnedInStateOlder"] = list{state + `<\?\)`, func(q *litedb.Queries) ([]domain.Post, error) {
		return pageOf(q.OwnedInStateOlder(ctx, in))
	}}
	queries["OwnedInStateNewer"] = list{state + `>\?\)`, func(q *litedb.Queries) ([]domain.Post, error) {
		return pageOf(q.OwnedInStateNewer(ctx, litedb.OwnedInStateNewerParams(in)))
	}}
	return queries
}

func TestListsSearchAnIndexAndDoNotSort(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	for _, viewer := range []domain.UserID{0, 1} {
		for name, list := range lists(t.Context(), viewer) {
			e := &explainer{db: s.readDB}
			_, err := list.read(litedb.New(e))
			require.ErrorContains(t, err, "only explained", name)
			require.Regexp(t, `(?m)^SEARCH p USING INDEX `+list.plan+`$`, e.plan, name)
			require.NotContains(t, e.plan, "TEMP B-TREE", name)
			require.NotRegexp(t, `SCAN (p|u|v)\b`, e.plan, name)
			requireVoteSearch(t, e.plan)
		}
	}
}

// requireVoteSearch requires that a query looks for one vote by both columns of an index.
func requireVoteSearch(t *testing.T, plan string) {
	t.Helper()
	require.Regexp(t, `(?m)^SEARCH v USING (PRIMARY KEY|COVERING INDEX votes_user_id_idx) \((post|user)_id=\? AND (post|user)_id=\?\)( LEFT-JOIN)?$`, plan)
}

// TestAnonymousListsReadNoVotes replaces the table of votes by a view that cannot be read.
func TestAnonymousListsReadNoVotes(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	owner, err := insertUser(t.Context(), s, "ada@example.org")
	require.NoError(t, err)
	post, err := s.Posts().Insert(t.Context(), domain.NewPost{
		OwnerID: owner.ID, Title: "title", Content: "content", Published: true, CreatedAt: moment, PublishedAt: &moment,
	})
	require.NoError(t, err)
	execIn(t, s.path, "DROP TABLE votes; CREATE VIEW votes AS SELECT json(title) AS post_id, json(title) AS user_id FROM posts")
	for _, newer := range []bool{false, true} {
		for _, author := range []domain.UserID{0, owner.ID} {
			for _, text := range []string{"", "title", "titl*"} {
				within := anywhere()
				within.Newer, within.Author, within.Search = newer, author, search.Parse(text)
				posts, err := s.Posts().Published(t.Context(), within)
				require.NoError(t, err, text)
				require.Equal(t, []domain.Post{post}, posts, text)

				within.Viewer.UserID = owner.ID
				_, err = s.Posts().Published(t.Context(), within)
				require.ErrorContains(t, err, "malformed JSON", text)
			}
		}
	}
}

// A search sorts identifiers, never contents: SQLite would need a temporary file for contents.
func TestASearchSortsNoContents(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	for _, newer := range []bool{false, true} {
		for _, viewer := range []domain.UserID{0, 1} {
			within := anywhere()
			within.Newer, within.Viewer.UserID = newer, viewer
			e := &explainer{db: s.readDB}
			_, err := foundByWords(t.Context(), litedb.New(e), within, "title")
			require.ErrorContains(t, err, "only explained")
			_, subquery, _ := strings.Cut(e.plan, "LIST SUBQUERY")
			require.Equal(t, 1, strings.Count(e.plan, "USE TEMP B-TREE FOR ORDER BY"), e.plan)
			require.Contains(t, subquery, "USE TEMP B-TREE FOR ORDER BY")
			requireVoteSearch(t, e.plan)
		}
	}
}

func TestOtherQueriesSearchAnIndex(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	for want, ask := range map[string]func(q *litedb.Queries) error{
		`(?m)^SEARCH s USING INDEX sessions_live_idx \(user_id=\?\)$`: func(q *litedb.Queries) error {
			_, err := q.LiveSessions(t.Context(), litedb.LiveSessionsParams{UserID: 1, Now: moment, PageSize: 20})
			return err
		},
		`(?m)^SEARCH ended_sessions USING COVERING INDEX ended_sessions_ended_at_idx \(ended_at>\?\)$`: func(q *litedb.Queries) error {
			_, err := q.EndedAfter(t.Context(), litedb.EndedAfterParams{EndedAt: moment, Sid: "", PageSize: 20})
			return err
		},
		`(?m)^ *SEARCH s USING (COVERING )?INDEX sessions_expires_at_idx \(expires_at<\?\)$`: func(q *litedb.Queries) error {
			_, err := q.DeleteExpiredSessions(t.Context(), litedb.DeleteExpiredSessionsParams{Now: moment, BatchSize: 20})
			return err
		},
		`(?m)^ *SEARCH e USING COVERING INDEX ended_sessions_ended_at_idx \(ended_at<\?\)$`: func(q *litedb.Queries) error {
			_, err := q.DeleteEnds(t.Context(), litedb.DeleteEndsParams{Until: moment, BatchSize: 20})
			return err
		},
		`(?m)^ *SEARCH t USING INDEX throttles_expires_at_idx \(expires_at<\?\)$`: func(q *litedb.Queries) error {
			_, err := q.DeleteExpiredThrottles(t.Context(), litedb.DeleteExpiredThrottlesParams{Now: moment, BatchSize: 20})
			return err
		},
		`(?m)^ *SEARCH d USING (COVERING )?INDEX users_deleted_at_idx`: func(q *litedb.Queries) error {
			_, err := q.PurgeUsers(t.Context(), 20)
			return err
		},
		`(?m)^ *SCAN d USING (COVERING )?INDEX posts_deleted_idx$`: func(q *litedb.Queries) error {
			_, err := q.PurgePosts(t.Context(), 20)
			return err
		},
		`(?m)^ *SCAN d USING (COVERING )?INDEX posts_deleted_idx\n *SCAN p\n *SEARCH v USING PRIMARY KEY \(post_id=\?\)`: func(q *litedb.Queries) error {
			_, err := q.PurgePostVotes(t.Context(), 20)
			return err
		},
		`(?m)^ *SEARCH p USING INDEX posts_own(_state)?_idx \(owner_id=\?\)$`: func(q *litedb.Queries) error {
			_, err := q.MarkPostsOfDeletedUsers(t.Context(), 20)
			return err
		},
		`(?m)^ *SEARCH t USING COVERING INDEX sqlite_autoindex_throttles_1 \(id>\? AND id<\?\)$`: func(q *litedb.Queries) error {
			_, err := q.DeleteThrottlesBetween(t.Context(), litedb.DeleteThrottlesBetweenParams{First: "a", Behind: "b", BatchSize: 20})
			return err
		},
		`(?m)^ *SEARCH seen USING COVERING INDEX posts_visible_idx \(id=\?\)$`: func(q *litedb.Queries) error {
			_, err := q.VisiblePost(t.Context(), litedb.VisiblePostParams{ID: 1, Viewer: 1})
			return err
		},
		`(?m)^ *SEARCH p USING INDEX posts_visible_idx \(id=\?\)$`: func(q *litedb.Queries) error {
			_, err := q.CanVote(t.Context(), litedb.CanVoteParams{UserID: 1, PostID: 1})
			return err
		},
		`(?m)^SEARCH v USING COVERING INDEX votes_user_id_idx \(user_id=\? AND post_id>\?\)\nSEARCH p USING INDEX posts_visible_idx \(id=\?\)$`: func(q *litedb.Queries) error {
			_, err := q.VotedPosts(t.Context(), litedb.VotedPostsParams{Voter: 1, AfterID: 1, PageSize: 20})
			return err
		},
		`(?m)^(SCAN|SEARCH) posts USING INDEX posts_backlog_idx\b`: func(q *litedb.Queries) error {
			_, err := q.UnindexedPosts(t.Context(), litedb.UnindexedPostsParams{BeforeTime: moment, BeforeID: 1, BatchSize: 20})
			return err
		},
		`(?m)^ *SCAN posts USING INDEX posts_backlog_idx$`: func(q *litedb.Queries) error {
			_, err := q.CountUnindexedPosts(t.Context(), 20)
			return err
		},
	} {
		e := &explainer{db: s.readDB}
		require.ErrorContains(t, ask(litedb.New(e)), "only explained")
		require.Regexp(t, want, e.plan)
		require.NotContains(t, e.plan, "TEMP B-TREE")
	}
}
