package sqlite

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A batch deletes a bounded number of rows, including those of cascades.
func TestAPurgeOfAPopularAccountIsBounded(t *testing.T) {
	t.Parallel()
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "postern.db"), Options{})
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	const numbers = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100) "
	for _, statement := range []string{
		numbers + "INSERT INTO users (email, email_key, password_hash, created_at) SELECT i, i, 'h', 1 FROM n LIMIT 60",
		numbers + "INSERT INTO posts (owner_id, title, content, published, version, created_at, updated_at, published_at, votes) " +
			"SELECT 1 + i % 2, 't', 'c', TRUE, 1, 1, 1, 1, 60 FROM n LIMIT 40",
		"INSERT INTO post_search (rowid, words) SELECT id, ' t c ' FROM posts",
		"INSERT INTO votes SELECT p.id, u.id FROM posts AS p CROSS JOIN users AS u",
		numbers + "INSERT INTO idempotency_keys SELECT 1, i, 'f', 1, 1, NULL, 9000000000000000 FROM n",
	} {
		_, err := s.writer.conn.ExecContext(t.Context(), statement)
		require.NoError(t, err, statement)
	}
	ask := func(query string) (n int) {
		require.NoError(t, s.readDB.QueryRowContext(t.Context(), query).Scan(&n))
		return n
	}
	rows := func() int {
		return ask("SELECT (SELECT count(*) FROM votes) + (SELECT count(*) FROM posts) + (SELECT count(*) FROM users) " +
			"+ (SELECT count(*) FROM idempotency_keys)")
	}
	require.NoError(t, s.Users().Delete(t.Context(), 1, time.UnixMicro(1)))
	const batch = 50
	for n, before := 1, rows(); n > 0; {
		n, err = s.Users().Purge(t.Context(), batch)
		require.NoError(t, err)
		after := rows()
		require.LessOrEqual(t, before-after, batch)
		before = after
	}
	require.Equal(t, 20*59+20+59, rows(), "the others' posts, their votes, and their owners")
	require.Equal(t, 59, ask("SELECT max(votes) FROM posts"))
	require.Equal(t, 20, ask("SELECT count(*) FROM post_search WHERE words MATCH 'c'"))
}
