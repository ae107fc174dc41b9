package postgres

import (
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/postern/adapters/postgres/pgtest"
)

// A batch deletes a bounded number of rows, including those of cascades.
func TestAPurgeOfAPopularAccountIsBounded(t *testing.T) {
	t.Parallel()
	url := pgtest.Migrated(t, Migrate)
	s := openStore(t, url, Options{})
	execIn(t, url, "INSERT INTO users (email, email_key, password_hash, created_at) SELECT i, i, 'h', now() FROM generate_series(1, 60) AS i",
		"INSERT INTO posts (owner_id, title, content, published, version, created_at, updated_at, published_at, votes) "+
			"SELECT 1 + i % 2, 't', 'c', true, 1, now(), now(), now(), 60 FROM generate_series(1, 40) AS i",
		"INSERT INTO post_search SELECT id, ' t c ' FROM posts",
		"INSERT INTO votes SELECT p.id, u.id FROM posts AS p CROSS JOIN users AS u",
		"INSERT INTO idempotency_keys SELECT 1, i, 'f', 1, now(), null, now() + interval '1 day' FROM generate_series(1, 100) AS i")
	rows := func() int {
		return ask[int](t, url, "SELECT ((SELECT count(*) FROM votes) + (SELECT count(*) FROM posts) + (SELECT count(*) FROM users) "+
			"+ (SELECT count(*) FROM idempotency_keys))::int")
	}
	require.NoError(t, s.Users().Delete(t.Context(), 1, moment))
	const batch = 50
	for n, before := 1, rows(); n > 0; {
		var err error
		n, err = s.Users().Purge(t.Context(), batch)
		require.NoError(t, err)
		after := rows()
		require.LessOrEqual(t, before-after, batch)
		before = after
	}
	require.Equal(t, 20*59+20+59, rows(), "the others' posts, their votes, and their owners")
	require.Equal(t, 59, ask[int](t, url, "SELECT max(votes)::int FROM posts"))
	require.Equal(t, 20, ask[int](t, url, "SELECT count(*)::int FROM post_search"))
}
