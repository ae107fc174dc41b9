package main

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
	"example.com/postern/sql/migrations"
)

// Numbers of posts in a store. A store that is copied many times has few.
const (
	manyPosts = 20_000
	fewPosts  = 400
)

// awkward returns statements that insert values that are difficult to copy: the largest id, 2^53-1, and times in 1970, before
// 1970, and in the years 1 and 9999.
func awkward(posts int) []string {
	return append(slices.Clone(awkwardRows),
		fmt.Sprintf(`INSERT INTO posts (owner_id, title, content, published, version, created_at, updated_at, published_at)
			WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < %d)
			SELECT 1 + i %% 2, 'Title ' || i, printf('%%.*c', 1 + i %% 400, 'x'), i %% 7 <> 0, 1 + i %% 3,
				1700000000000000 + i * 1000001, 1700000000000001 + i * 1000001, iif(i %% 7 <> 0, 1700000000000000 + i, NULL)
			FROM n`, posts+100),
		`UPDATE posts SET title = char(10) || '\' || char(9), content = replace(hex(zeroblob(50000)), '0', '😀'),
			version = 9007199254740991, published = FALSE, published_at = -1 WHERE id = 3`,
		`DELETE FROM posts WHERE id = 5`,
		`INSERT INTO votes (post_id, user_id) VALUES (3, 7), (3, 9007199254740991)`,
		`UPDATE posts SET votes = 2 WHERE id = 3`,
		`INSERT INTO idempotency_keys (user_id, key, fingerprint, post_id, created_at, owner_name, expires_at) VALUES
			(1, '~!"''\', '', 5, -1, NULL, 253402300799999999), (2, 'NULL', 'f', 9007199254740991, 0, '\N', 1)`,
		fmt.Sprintf(`DELETE FROM posts WHERE id > %d`, posts), // the highest ids must not be used again
	)
}

var awkwardRows = []string{
	`UPDATE store_epoch SET is_first = TRUE`,
	`INSERT INTO users (id, email, email_key, name, password_hash, created_at, deleted_at) VALUES
		(1, 'Ada@Example.com', 'ada@example.com', NULL, '$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2E$aGFzaA', 0, NULL),
		(2, 'b@xn--mnchen-3ya.example', 'b@xn--mnchen-3ya.example', 'Zoë 👩🏽‍🚀 عربي e' || char(769), '$2b$12$imported', -1, NULL),
		(7, 'null@example.com', 'null@example.com', 'NULL', '\N', 253402300799999999, NULL),
		(9007199254740991, 'last@example.com', 'last@example.com', '', '', -62135596800000000, NULL),
		(8, '', 'deleted 8', NULL, '', 5, 1700000000000001)`,
	`INSERT INTO sessions (id, user_id, created_at, ip, user_agent) VALUES
		('a', 1, 1, '::1', ''), ('B', 1, 2, '127.0.0.1', char(1) || char(9) || char(13, 10) || char(127, 133) || '\.'),
		('é', 2, 3, '', '"quoted", ''twice'''), ('_', 7, 4, '\N', '\n\t'), ('Z9', 7, 123456, '', '😀')`,
	`INSERT INTO sessions (id, user_id, created_at, ip, user_agent, refresh_count, refresh_key_id, refreshed_at, expires_at)
		VALUES ('refreshed', 2, 1, '::1', 'curl', 9007199254740991, 'key', 2, 253402300799999999)`,
	`INSERT INTO ended_sessions (sid, ended_at) VALUES ('gone', 1700000000000001), ('GONE', -1)`,
	`INSERT INTO outbox (id, channel, payload, created_at, due_at, attempts, claimed_until, buried_at) VALUES
		('waiting', 'mail', '{"kind":"reset","email":"o''\"@xn--mnchen-3ya.example"}', 1, 2, 0, NULL, NULL),
		('CLAIMED', 'mail', '{}', 1, -1, 9007199254740991, 253402300799999999, NULL), ('buried', '', '', 1, 1, 1, NULL, 1)`,
	`INSERT INTO throttles (id) VALUES ('new')`,
	`INSERT INTO throttles (id, failures, reserved, reserved_at, since, until, expires_at) VALUES ('login', 1, 2, 3, 4, 5, 6)`,
	`UPDATE users SET email_verified_at = CASE id WHEN 1 THEN -1 ELSE 253402300799999999 END WHERE id IN (1, 7)`,
	`INSERT INTO email_tokens (id, kind, subject, user_id, email, password_hash, session_id, expires_at) VALUES
		('t', 'reset', 'ada@example.com', 0, 'Ada@Example.com', '', '', 253402300799999999),
		('T', 'signup', 'ada@example.com', 0, '\N', '$argon2id$''', '', -1), ('u', 'change', '7', 7, 'é', '', 'Z9', 1)`,
}

// awkwardStore creates a store with awkward values, and returns its path.
func awkwardStore(t *testing.T, posts int) string {
	t.Helper()
	return storeWith(t, awkward(posts)...)
}

// storeWith creates a store, runs statements in it, and returns its path.
func storeWith(t *testing.T, statements ...string) string {
	t.Helper()
	path := makeStore(t, t.TempDir())
	db := openRaw(t, path)
	for _, statement := range statements {
		_, err := db.Exec(statement)
		require.NoError(t, err)
	}
	require.NoError(t, db.Close()) // so that the file contains the WAL
	return path
}

// openRaw opens the database without the adapter.
func openRaw(t *testing.T, path string) *sql.DB {
	t.Helper()
	require.FileExists(t, path)
	db, err := sql.Open("sqlite", path)
	require.NoError(t, err)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// dump returns every row of every copied table, and the last ids, as SQL literals.
func dump(t *testing.T, path string) (rows []string) {
	t.Helper()
	db := openRaw(t, path)
	queries := []string{"SELECT quote(name) || quote(seq) FROM sqlite_sequence WHERE name <> 'goose_db_version' ORDER BY name"}
	for _, table := range migrations.Tables {
		queries = append(queries, fmt.Sprintf("SELECT quote(%s) FROM %s ORDER BY %s",
			strings.Join(table.Columns, ") || ',' || quote("), table.Name, table.Key[0]))
	}
	for _, query := range queries {
		result, err := db.Query(query)
		require.NoError(t, err)
		for result.Next() {
			var row string
			require.NoError(t, result.Scan(&row))
			if len(row) > 1000 { // keeps the message of a failed comparison short
				row = fmt.Sprintf("%s... %x", row[:100], sha256.Sum256([]byte(row)))
			}
			rows = append(rows, row)
		}
		require.NoError(t, result.Err())
	}
	require.NoError(t, db.Close())
	return rows
}

// names returns the names of the files in a folder.
func names(t *testing.T, folder string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

// nextPost adds a post and returns its id.
func nextPost(t *testing.T, r domain.Repositories) domain.PostID {
	t.Helper()
	return addPost(t.Context(), t, r, 1)
}

func addPost(ctx context.Context, t *testing.T, r domain.Repositories, owner domain.UserID) domain.PostID {
	t.Helper()
	post, err := r.Posts().Insert(ctx, domain.NewPost{OwnerID: owner, Title: "New", Content: "New", CreatedAt: clock()})
	require.NoError(t, err)
	return post.ID
}
