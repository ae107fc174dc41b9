package postgres

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/postern/adapters/postgres/pgtest"
)

// A login holds locks on expired rows. A sweep skips them and deletes the others, in any order of locking.
func TestSweepDoesNotWaitForLocks(t *testing.T) {
	t.Parallel()
	url := pgtest.Migrated(t, Migrate)
	s := openStore(t, url, Options{LockTimeout: hour, StatementTimeout: hour})
	execIn(t, url,
		"INSERT INTO users (email, email_key, password_hash, created_at) VALUES ('a', 'a', 'h', now())",
		"INSERT INTO throttles (id, expires_at) SELECT 'k' || i, to_timestamp(10 - i) FROM generate_series(1, 9) AS i",
		"INSERT INTO ended_sessions SELECT 's' || i, to_timestamp(i) FROM generate_series(1, 9) AS i",
		"INSERT INTO sessions (id, user_id, created_at, ip, user_agent, expires_at) SELECT 's' || i, id, now(), '', '', to_timestamp(i) "+
			"FROM users, generate_series(1, 9) AS i",
		"INSERT INTO idempotency_keys SELECT id, 'k' || i, 'f', 1, now(), null, to_timestamp(i) FROM users, generate_series(1, 9) AS i")
	for name, c := range map[string]struct {
		table, hot string
		sweep      func(ctx context.Context, limit int) (int, error)
	}{
		"throttles": {"throttles", "id = 'k5'", func(ctx context.Context, limit int) (int, error) {
			return s.Throttles().DeleteExpired(ctx, moment, limit)
		}},
		"sessions": {"sessions", "id = 's5'", func(ctx context.Context, limit int) (int, error) {
			return s.Sessions().DeleteExpired(ctx, moment, limit)
		}},
		"ends": {"ended_sessions", "sid = 's5'", func(ctx context.Context, limit int) (int, error) {
			return s.Sessions().DeleteEnds(ctx, moment, limit)
		}},
		"idempotency records": {"idempotency_keys", "key = 'k5'", func(ctx context.Context, limit int) (int, error) {
			return s.Idempotency().DeleteExpired(ctx, moment, limit)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			holder := begin(t, url)
			_, err := holder.Exec(t.Context(), "SELECT FROM "+c.table+" WHERE "+c.hot+" FOR UPDATE")
			require.NoError(t, err)
			for _, want := range []int{6, 2, 0} {
				n, err := c.sweep(t.Context(), 6)
				require.NoError(t, err)
				require.Equal(t, want, n, "a batch is filled with rows behind the one that is in use")
			}
			// The sweep does not lock the row that the login locks next.
			_, err = holder.Exec(t.Context(), "SELECT FROM "+c.table+" FOR UPDATE")
			require.NoError(t, err)
			require.NoError(t, holder.Rollback(t.Context()))
			n, err := c.sweep(t.Context(), 6)
			require.NoError(t, err)
			require.Equal(t, 1, n)
		})
	}
}

func TestSweepByPrefixDoesNotWaitForLocks(t *testing.T) {
	t.Parallel()
	url := pgtest.Migrated(t, Migrate)
	s := openStore(t, url, Options{LockTimeout: hour, StatementTimeout: hour})
	execIn(t, url, "INSERT INTO throttles (id) SELECT 'k' || i FROM generate_series(1, 9) AS i")
	holder := begin(t, url)
	_, err := holder.Exec(t.Context(), "SELECT FROM throttles WHERE id = 'k5' FOR UPDATE")
	require.NoError(t, err)
	n, err := s.Throttles().DeletePrefix(t.Context(), "k", 100)
	require.NoError(t, err)
	require.Equal(t, 8, n)
	require.NoError(t, holder.Rollback(t.Context()))
}
