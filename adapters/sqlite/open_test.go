package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
)

func TestPragmasAreInForceOnEveryConnection(t *testing.T) {
	t.Parallel()
	for _, synchronous := range []struct{ option, want string }{{"", "2"}, {"FULL", "2"}, {"NORMAL", "1"}} {
		s, err := Open(t.Context(), filepath.Join(t.TempDir(), "postern.db"), Options{Synchronous: synchronous.option})
		require.NoError(t, err)
		want := map[string]string{
			"journal_mode": "wal", "synchronous": synchronous.want, "foreign_keys": "1", "busy_timeout": "5000", "query_only": "0",
		}
		requirePragmas(t, s.writer.conn, want)
		want["query_only"] = "1"
		for range cap(s.slots) { // not closed until the end, so that each is another connection
			conn, err := s.readDB.Conn(t.Context())
			require.NoError(t, err)
			defer func() { require.NoError(t, conn.Close()) }()
			requirePragmas(t, conn, want)
		}
	}
}

func requirePragmas(t *testing.T, conn *sql.Conn, want map[string]string) {
	t.Helper()
	for name, value := range want {
		var got string
		require.NoError(t, conn.QueryRowContext(t.Context(), "PRAGMA "+name).Scan(&got))
		require.Equal(t, value, got, name)
	}
}

func TestReadingConnectionsCannotWrite(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	_, err := s.readDB.ExecContext(t.Context(), "DELETE FROM users")
	require.ErrorIs(t, translate(t.Context(), err), domain.ErrStoreUnavailable)
	require.ErrorContains(t, err, "readonly")
}

func TestOptionsAreChecked(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "postern.db")
	for _, synchronous := range []string{"OFF", "full", "EXTRA", "FULL; DROP TABLE users"} {
		_, err := Open(t.Context(), path, Options{Synchronous: synchronous})
		require.ErrorContains(t, err, "synchronous must be FULL or NORMAL")
		require.NoFileExists(t, path)
	}
}

func TestFilesArePrivate(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "new", "data")
	path := filepath.Join(dir, "a name?with#odd %characters.db")
	s, err := Open(t.Context(), path, Options{})
	require.NoError(t, err)
	_, err = insertUser(t.Context(), s, "ada@example.org")
	require.NoError(t, err)
	for _, suffix := range []string{"", "-wal", "-shm", ".lock"} {
		requireMode(t, path+suffix, 0o600)
	}
	requireMode(t, dir, 0o700)
	requireMode(t, filepath.Dir(dir), 0o700)
	require.NoError(t, s.Close())

	require.NoError(t, os.Chmod(path, 0o644))
	s, err = Open(t.Context(), path, Options{})
	require.NoError(t, err)
	requireMode(t, path, 0o600)
	require.NoError(t, s.Close())
}

func requireMode(t *testing.T, path string, want os.FileMode) {
	t.Helper()
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, want, info.Mode().Perm(), path)
}

func TestAcknowledgedWritesSurviveReopening(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "postern.db")
	var users []domain.User
	for _, email := range []domain.Email{"ada@example.org", "bob@example.org", "cyd@example.org"} {
		s, err := Open(t.Context(), path, Options{})
		require.NoError(t, err)
		user, err := insertUser(t.Context(), s, email)
		require.NoError(t, err)
		users = append(users, user)
		for _, want := range users {
			found, err := s.Users().ByID(t.Context(), want.ID)
			require.NoError(t, err)
			require.Equal(t, want, found)
		}
		require.NoError(t, s.Close())
	}
}

func TestOpenRefusesOtherFiles(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		make func(t *testing.T, path string)
		want string
	}{
		"text": {func(t *testing.T, path string) {
			require.NoError(t, os.WriteFile(path, bytes.Repeat([]byte("Dear diary. "), 100), 0o600))
		}, "not an SQLite database"},
		"directory": {func(t *testing.T, path string) {
			require.NoError(t, os.Mkdir(path, 0o700))
		}, "not a regular file"},
		"table named like ours": {func(t *testing.T, path string) {
			execIn(t, path, "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT)")
		}, "tables that this program did not make"},
		"somebody else's table": {func(t *testing.T, path string) {
			execIn(t, path, "CREATE TABLE invoices (id INTEGER PRIMARY KEY)")
		}, "tables that this program did not make"},
		"newer schema": {func(t *testing.T, path string) {
			makeDatabase(t, path)
			execIn(t, path, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, 1)")
		}, "its schema has version 9999"},
		"lost column": {func(t *testing.T, path string) {
			makeDatabase(t, path)
			execIn(t, path, "DROP VIEW shown_posts; ALTER TABLE users DROP COLUMN name")
		}, "no such"},
		"lost column that no post needs": {func(t *testing.T, path string) {
			makeDatabase(t, path)
			execIn(t, path, "ALTER TABLE sessions RENAME COLUMN ip TO address")
		}, "no such column: ip"},
		"lost column of the search index": {func(t *testing.T, path string) {
			makeDatabase(t, path)
			execIn(t, path, "ALTER TABLE posts RENAME COLUMN indexed_version TO lost")
		}, "no such column: indexed_version"},
		"lost table that no post needs": {func(t *testing.T, path string) {
			makeDatabase(t, path)
			execIn(t, path, "DROP TABLE outbox")
		}, "no such table: outbox"},
		"lost table of the search index": {func(t *testing.T, path string) {
			makeDatabase(t, path)
			execIn(t, path, "DROP TABLE search_index")
		}, "no such table: search_index"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "postern.db")
			c.make(t, path)
			for range 2 { // the first attempt must not change the file
				_, err := Open(t.Context(), path, Options{})
				require.ErrorContains(t, err, c.want)
			}
		})
	}
}

func makeDatabase(t *testing.T, path string) {
	t.Helper()
	s, err := Open(t.Context(), path, Options{})
	require.NoError(t, err)
	require.NoError(t, s.Close())
}

func execIn(t *testing.T, path, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	require.NoError(t, err)
	_, err = db.ExecContext(t.Context(), statement)
	require.NoError(t, err)
	require.NoError(t, db.Close())
}

func TestOpenWaitsNoLongerThanItsContext(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "postern.db")
	unlock, err := lockSchema(t.Context(), path)
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err = Open(ctx, path, Options{})
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.NoError(t, unlock())
	makeDatabase(t, path)
}

func TestPing(t *testing.T) {
	t.Parallel()
	for name, breakIt := range map[string]func(t *testing.T, s *Store){
		"file deleted": func(t *testing.T, s *Store) { require.NoError(t, os.Remove(s.path)) },
		"file replaced": func(t *testing.T, s *Store) {
			require.NoError(t, os.Rename(s.path, s.path+".old"))
			require.NoError(t, os.WriteFile(s.path, nil, 0o600))
		},
		"schema set back": func(t *testing.T, s *Store) {
			execIn(t, s.path, "DELETE FROM goose_db_version WHERE version_id > 1")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStore(t)
			require.NoError(t, s.Ping(t.Context()))
			breakIt(t, s)
			require.ErrorIs(t, s.Ping(t.Context()), domain.ErrStoreUnavailable)
		})
	}
}

// SQLite itself would continue to write.
func TestWritesToARemovedFileFail(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	u := domain.NewUser{Email: "ada@example.com", PasswordHash: "h", CreatedAt: time.UnixMicro(1).UTC()}
	_, err := s.Users().Insert(t.Context(), u)
	require.NoError(t, err)
	require.NoError(t, os.Remove(s.path))
	u.Email = "bob@example.com"
	_, err = s.Users().Insert(t.Context(), u)
	require.ErrorIs(t, err, domain.ErrStoreUnavailable)
}

func TestPingAllowsANewerSchema(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	execIn(t, s.path, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, 1)")
	require.NoError(t, s.Ping(t.Context()))
}
