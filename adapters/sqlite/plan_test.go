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

func (e *explainer) ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error) {
	_, err := e.QueryContext(ctx, query, args...)
	return nil, err
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

func TestSessionsAreFoundByAnIndex(t *testing.T) {
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
		`(?m)^ *(SCAN|SEARCH) u USING (COVERING )?INDEX users_deleted_at_idx`: func(q *litedb.Queries) error {
			_, err := q.PurgeUsers(t.Context(), 20)
			return err
		},
		`(?m)^ *SEARCH p USING COVERING INDEX posts_owner_id_idx \(owner_id=\?\)$`: func(q *litedb.Queries) error {
			_, err := q.PurgePosts(t.Context(), 20)
			return err
		},
	} {
		e := &explainer{db: s.readDB}
		require.ErrorContains(t, ask(litedb.New(e)), "only explained")
		require.Regexp(t, want, e.plan)
		require.NotContains(t, e.plan, "TEMP B-TREE")
	}
}
