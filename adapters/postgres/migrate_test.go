package postgres

import (
	"io/fs"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/adapters/postgres/pgtest"
	"example.com/postern/sql/migrations"
)

// before22 is a version. The next migration changes the table of posts.
const before22 = 21

// DDL must wait for the lock of a long transaction that only reads, such as a backup.
func TestMigrationThatWaitsForALockLetsOthersRead(t *testing.T) {
	t.Parallel()
	url := pgtest.Empty(t)
	require.NoError(t, migrateTo(t.Context(), url, before22, maxLockWait))
	long := begin(t, url)
	_, err := long.Exec(t.Context(), "SELECT FROM posts")
	require.NoError(t, err)
	migrated := make(chan error, 1)
	go func() { migrated <- Migrate(t.Context(), url) }()
	for range 2 { // attempts to get the lock
		awaitWaiting(t, url)
		execIn(t, url+"&lock_timeout=20000", "SELECT FROM posts") // waits for the end of an attempt, not of the transaction
	}
	require.Empty(t, migrated, "it has not ended")
	require.NoError(t, long.Rollback(t.Context()))
	require.NoError(t, <-migrated)
	s := openStore(t, url, Options{})
	require.NoError(t, s.Ping(t.Context()))
}

func TestMigrationNamesTheBlockedFile(t *testing.T) {
	t.Parallel()
	url := pgtest.Empty(t)
	require.NoError(t, migrateTo(t.Context(), url, before22, maxLockWait))
	long := begin(t, url)
	_, err := long.Exec(t.Context(), "SELECT FROM posts")
	require.NoError(t, err)
	err = migrateTo(t.Context(), url, before22+1, time.Nanosecond)
	require.ErrorContains(t, err, "another transaction kept a lock on a table")
	require.ErrorContains(t, err, "00022_posts_deleted.sql")
	require.NoError(t, long.Rollback(t.Context()))
	require.NoError(t, Migrate(t.Context(), url))
}

// CREATE INDEX CONCURRENTLY waits for transactions that began before it, and would have to start again if it gave up.
func TestConcurrentIndexWaitsWithoutALimit(t *testing.T) {
	t.Parallel()
	url := pgtest.Empty(t)
	require.NoError(t, migrateTo(t.Context(), url, 22, maxLockWait))
	long := begin(t, url)
	_, err := long.Exec(t.Context(), "LOCK TABLE posts IN ROW EXCLUSIVE MODE")
	require.NoError(t, err)
	migrated := make(chan error, 1)
	go func() { migrated <- migrateTo(t.Context(), url, 23, 0) }()
	const waiting = `SELECT count(*)::int FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
		AND clock_timestamp() - query_start > 2 * interval '500 milliseconds'` // lockAttempt
	require.Eventually(t, func() bool { return ask[int](t, url, waiting) == 1 }, patience, 10*time.Millisecond)
	require.NoError(t, long.Rollback(t.Context()))
	require.NoError(t, <-migrated)
}

func TestMigrationsWithoutATransactionSetTheirLockTimeout(t *testing.T) {
	t.Parallel()
	files, err := fs.Glob(migrations.Postgres(), "*.sql")
	require.NoError(t, err)
	for _, file := range files {
		text, err := fs.ReadFile(migrations.Postgres(), file)
		require.NoError(t, err)
		if up, _, _ := strings.Cut(string(text), "-- +goose Down"); strings.Contains(up, "NO TRANSACTION") {
			require.Contains(t, up, "-- +goose Up\nSET lock_timeout = 0;\n", file)
			require.True(t, strings.HasSuffix(strings.TrimSpace(up), "\nRESET lock_timeout;"), file)
		} else {
			require.NotContains(t, up, "lock_timeout", file)
		}
	}
}

// After a failed CREATE INDEX CONCURRENTLY the index exists, but is invalid.
func TestInvalidIndexIsRebuilt(t *testing.T) {
	t.Parallel()
	url := pgtest.Empty(t)
	require.NoError(t, migrateTo(t.Context(), url, 22, maxLockWait))
	execIn(t, url, "CREATE INDEX posts_deleted_idx ON posts (id) WHERE deleted",
		"UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'posts_deleted_idx'::regclass")
	require.NoError(t, Migrate(t.Context(), url))
	require.Zero(t, ask[int](t, url, "SELECT count(*)::int FROM pg_index WHERE NOT indisvalid"))
}
