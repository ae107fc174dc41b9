package sqlite

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// Deleted rows remain in a database file until their pages are reused. A backup must not contain them.
func TestBackupContainsNoDeletedRows(t *testing.T) {
	t.Parallel()
	path, file := filepath.Join(t.TempDir(), "postern.db"), filepath.Join(t.TempDir(), "copy.db")
	makeDatabase(t, path)
	execIn(t, path, "INSERT INTO users (email, email_key, password_hash, created_at) VALUES ('forget-me', 'forget-me', '', 1)")
	execIn(t, path, "DELETE FROM users")
	requireContains(t, path, "forget-me", true)
	_, err := Backup(t.Context(), path, file, false)
	require.NoError(t, err)
	requireContains(t, file, "forget-me", false)
	requireMode(t, file, 0o600)
}

func requireContains(t *testing.T, path, text string, want bool) {
	t.Helper()
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, want, bytes.Contains(content, []byte(text)), path)
}

func TestFailedBackupLeavesNoFile(t *testing.T) {
	t.Parallel()
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	for name, c := range map[string]struct {
		ctx  context.Context
		make func(t *testing.T, path string)
		want string
	}{
		"no store":    {t.Context(), func(*testing.T, string) {}, "does not exist"},
		"interrupted": {ended, makeDatabase, "context canceled"},
		"row without its parent": {t.Context(), func(t *testing.T, path string) {
			makeDatabase(t, path)
			execIn(t, path, "INSERT INTO sessions (id, user_id, created_at, ip, user_agent) VALUES ('s', 1, 1, '', '')")
		}, "1 rows refer to missing rows"},
		"row against a rule": {t.Context(), func(t *testing.T, path string) {
			makeDatabase(t, path)
			execIn(t, path, "PRAGMA ignore_check_constraints=ON; "+
				"INSERT INTO users (id, email, email_key, password_hash, created_at) VALUES (-1, 'a', 'a', '', 1)")
		}, "CHECK constraint failed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			path := filepath.Join(t.TempDir(), "postern.db")
			c.make(t, path)
			_, err := Backup(c.ctx, path, filepath.Join(dir, "copy.db"), false)
			require.ErrorContains(t, err, c.want)
			require.Empty(t, filesIn(t, dir))
		})
	}
}
