package postgres

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"

	"example.com/postern/adapters/postgres/internal/pgdb"
	"example.com/postern/adapters/postgres/pgtest"
)

// planner also explains statements that return one row or none.
type planner struct{ *explainer }

func (p planner) Exec(ctx context.Context, query string, args ...any) (pgconn.CommandTag, error) {
	_, err := p.Query(ctx, query, args...)
	return pgconn.CommandTag{}, err
}

func (p planner) QueryRow(ctx context.Context, query string, args ...any) pgx.Row {
	_, err := p.Query(ctx, query, args...)
	return noRow{err}
}

type noRow struct{ error }

func (r noRow) Scan(...any) error { return r.error }

// sweeps returns all statements that delete rows in batches.
func sweeps(ctx context.Context, q *pgdb.Queries) map[string]func() (int64, error) {
	const batch = 500
	purge := func(query func(context.Context, int32) (int64, error)) func() (int64, error) {
		return func() (int64, error) { return query(ctx, batch) }
	}
	return map[string]func() (int64, error){
		"PurgeVotes": purge(q.PurgeVotes), "PurgePostVotes": purge(q.PurgePostVotes), "PurgePosts": purge(q.PurgePosts),
		"MarkPostsOfDeletedUsers": purge(q.MarkPostsOfDeletedUsers), "PurgeIdempotencyKeys": purge(q.PurgeIdempotencyKeys),
		"PurgeUsers": purge(q.PurgeUsers),
		"DeleteExpiredSessions": func() (int64, error) {
			return q.DeleteExpiredSessions(ctx, pgdb.DeleteExpiredSessionsParams{Now: moment, BatchSize: batch})
		},
		"DeleteEnds": func() (int64, error) {
			return q.DeleteEnds(ctx, pgdb.DeleteEndsParams{Until: moment, BatchSize: batch})
		},
		"DeleteExpiredThrottles": func() (int64, error) {
			return q.DeleteExpiredThrottles(ctx, pgdb.DeleteExpiredThrottlesParams{Now: moment, BatchSize: batch})
		},
		"DeleteThrottlesBetween": func() (int64, error) {
			return q.DeleteThrottlesBetween(ctx, pgdb.DeleteThrottlesBetweenParams{First: "a", Behind: "b", BatchSize: batch})
		},
		"DeleteExpiredIdempotencyKeys": func() (int64, error) {
			return q.DeleteExpiredIdempotencyKeys(ctx, pgdb.DeleteExpiredIdempotencyKeysParams{Now: moment, BatchSize: batch})
		},
	}
}

// Few posts and accounts have many rows, all of which must be deleted.
func TestSweepsScanNoTable(t *testing.T) {
	t.Parallel()
	url := pgtest.Migrated(t, Migrate)
	execIn(t, url,
		"INSERT INTO users (email, email_key, password_hash, created_at, deleted_at) "+
			"SELECT i, i, 'h', now(), CASE WHEN i <= 10 THEN now() END FROM generate_series(1, 2000) AS i",
		"INSERT INTO posts (owner_id, title, content, published, version, created_at, updated_at, published_at, deleted) "+
			"SELECT 1 + i % 20, 't', 'c', true, 1, now(), now(), now(), i <= 50 FROM generate_series(1, 3000) AS i",
		"INSERT INTO votes SELECT p, u FROM generate_series(1, 20) AS p CROSS JOIN generate_series(1, 1000) AS u",
		"INSERT INTO idempotency_keys SELECT 1 + i % 20, i, 'f', 1, now(), null, '2020-01-01' FROM generate_series(1, 5000) AS i",
		"INSERT INTO sessions (id, user_id, created_at, ip, user_agent, refresh_key_id, expires_at) "+
			"SELECT i, 1 + i % 20, now(), '', '', '', '2020-01-01' FROM generate_series(1, 5000) AS i",
		"INSERT INTO ended_sessions SELECT i, '2020-01-01' FROM generate_series(1, 5000) AS i",
		"INSERT INTO throttles (id, expires_at) SELECT 'a' || i, '2020-01-01' FROM generate_series(1, 5000) AS i",
		"VACUUM ANALYZE")
	s := openStore(t, url, Options{Pooler: true}) // plans are not cached
	for _, generic := range []bool{false, true} {
		for name := range sweeps(t.Context(), nil) {
			e := &explainer{generic: generic}
			require.NoError(t, s.readConn(t.Context(), func(ctx context.Context, conn *pgx.Conn) error {
				e.DBTX = conn
				_, err := sweeps(ctx, pgdb.New(planner{e}))[name]()
				require.ErrorContains(t, err, "only explained", name)
				_, err = conn.Exec(ctx, "RESET plan_cache_mode")
				return err
			}))
			for _, n := range e.plan.all() {
				require.NotEqual(t, "Seq Scan", n.Type, "%s, generic: %t\n%s", name, generic, e.plan)
				// identifiers are looked up in the index, not filtered out of a larger scan
				require.NotContains(t, n.Filter+n.JoinFilter, "ANY", "%s, generic: %t\n%s", name, generic, e.plan)
			}
		}
	}
}
