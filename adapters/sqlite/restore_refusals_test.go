package sqlite

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRestoreRefusesAStoreInUse(t *testing.T) {
	t.Parallel()
	path, file := storeOf(t, "old@example.org"), backupOf(t, "new@example.org")
	s, err := Open(t.Context(), path, Options{})
	require.NoError(t, err)
	_, err = restoreFrom(t.Context(), path, file, restoreTime)
	require.ErrorIs(t, err, ErrInUse)
	_, err = insertUser(t.Context(), s, "later@example.org")
	require.NoError(t, err, "the service goes on")
	require.NoError(t, s.Ping(t.Context()))
	require.NoError(t, s.Close())
	emails, _ := usersIn(t, path)
	require.Equal(t, []string{"old@example.org", "later@example.org"}, emails)

	snapshot, err := OpenSnapshot(t.Context(), path)
	require.NoError(t, err)
	_, err = restoreFrom(t.Context(), path, file, restoreTime)
	require.ErrorIs(t, err, ErrInUse, "nor while it is copied")
	require.NoError(t, snapshot.Close())
	require.NotContains(t, filesIn(t, filepath.Dir(path)), keptName)
}

func TestRestoreRefusesOtherFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	at := func(name string, content []byte) string {
		file := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(file, content, 0o600))
		return file
	}
	changed := func(statement string) string {
		file := backupOf(t, "new@example.org")
		execIn(t, file, statement)
		return file
	}
	good := backupOf(t, "new@example.org")
	content, err := os.ReadFile(good)
	require.NoError(t, err)
	damaged := slices.Clone(content)
	for i := len(damaged) / 4; i < len(damaged)*3/4; i++ {
		damaged[i] ^= 0x5a
	}
	link, pipe := filepath.Join(dir, "link.db"), filepath.Join(dir, "pipe.db")
	require.NoError(t, os.Symlink(good, link))
	require.NoError(t, syscall.Mkfifo(pipe, 0o600))
	stranger := at("stranger.db", nil)
	execIn(t, stranger, "CREATE TABLE notes (id INTEGER)")
	gooseUser := at("goose.db", nil)
	execIn(t, gooseUser, "CREATE TABLE goose_db_version (id INTEGER PRIMARY KEY AUTOINCREMENT, version_id INTEGER, is_applied INTEGER, tstamp TIMESTAMP)")
	execIn(t, gooseUser, "CREATE TABLE users (id INTEGER); CREATE TABLE posts (id INTEGER); CREATE TABLE sessions (id INTEGER); "+
		"INSERT INTO goose_db_version (version_id, is_applied) VALUES (21, 1)")
	atWork := at("atwork.db", content)
	at("atwork.db-wal", []byte("writes"))

	for name, c := range map[string]struct{ file, says string }{
		"nothing":                   {filepath.Join(dir, "missing.db"), "no such file"},
		"a folder":                  {dir, "not a regular file"},
		"a link":                    {link, "symbolic link"},
		"a pipe":                    {pipe, "not a regular file"},
		"an empty file":             {at("empty.db", nil), "not a store of this program"},
		"a text":                    {at("text.db", []byte(strings.Repeat("a text ", 1000))), "not an SQLite database"},
		"another program's":         {stranger, "not a store of this program"},
		"another user of goose's":   {gooseUser, "not a store of this program"},
		"damaged":                   {at("damaged.db", damaged), "damaged"},
		"cut off":                   {at("short.db", content[:len(content)/2]), "damaged"},
		"a row without its owner":   {changed("PRAGMA foreign_keys = off; INSERT INTO votes (post_id, user_id) VALUES (7, 7)"), "damaged"},
		"newer":                     {changed("INSERT INTO goose_db_version (version_id, is_applied) VALUES (99, 1)"), "run a newer program"},
		"no ids left":               {changed("UPDATE sqlite_sequence SET seq = 9007199254740990 WHERE name = 'users'"), "too few ids left"},
		"a copy of a store at work": {atWork, "-wal"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := storeOf(t, "old@example.org")
			_, err := restoreFrom(t.Context(), path, c.file, restoreTime)
			require.ErrorContains(t, err, c.says)
			require.NotContains(t, err.Error(), dir)
			require.ElementsMatch(t, []string{"postern.db", "postern.db.lock"}, filesIn(t, filepath.Dir(path)))
			emails, _ := usersIn(t, path)
			require.Equal(t, []string{"old@example.org"}, emails)
		})
	}
	path := storeOf(t, "old@example.org")
	_, err = restoreFrom(t.Context(), path, path, restoreTime)
	require.ErrorContains(t, err, "the store itself")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = restoreFrom(ctx, path, good, restoreTime)
	require.ErrorIs(t, err, context.Canceled)
	_, err = restoreFrom(t.Context(), filepath.Join(dir, "missing", "postern.db"), good, restoreTime)
	require.ErrorContains(t, err, "no such file")
	require.NoDirExists(t, filepath.Join(dir, "missing"))
}
