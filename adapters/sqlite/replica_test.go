package sqlite

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func newReplica(t *testing.T, path string) *Replica {
	t.Helper()
	r, err := CreateReplica(t.Context(), path)
	require.NoError(t, err)
	return r
}

func filesIn(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}

func TestReplicaAppearsCompleteOrNotAtAll(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "a", "b", "new.db")
	r := newReplica(t, path)
	requireMode(t, path+".partial", 0o600)
	requireMode(t, filepath.Dir(path), 0o700)
	require.NoError(t, r.Close())
	require.Empty(t, filesIn(t, dir), "the folders that were made for it went too")

	r = newReplica(t, path)
	require.NoError(t, r.Commit(t.Context()))
	require.NoError(t, r.Close())
	require.Equal(t, []string{"new.db"}, filesIn(t, filepath.Dir(path)))
	requireMode(t, path, 0o600)
}

func TestStaleReplicaIsReplacedAndAnOpenOneIsNot(t *testing.T) {
	t.Parallel()
	for name, make := range map[string]func(t *testing.T, path string){
		"empty": func(t *testing.T, path string) { require.NoError(t, os.WriteFile(path, nil, 0o600)) },
		"garbage": func(t *testing.T, path string) {
			require.NoError(t, os.WriteFile(path, []byte("SQLite format"), 0o600))
		},
		"whole": func(t *testing.T, path string) { execIn(t, path, "CREATE TABLE t (x)") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "new.db")
			make(t, path+".partial")
			require.NoError(t, os.WriteFile(path+".partial-journal", []byte("half a journal"), 0o600))
			partial, err := createPartial(t.Context(), path)
			require.NoError(t, err)
			require.NoError(t, partial.discard())
			require.Empty(t, filesIn(t, filepath.Dir(path)))

			make(t, path+".partial")
			living := newReplica(t, path)
			_, err = CreateReplica(t.Context(), path)
			require.ErrorContains(t, err, "is being written by another process")
			require.NoError(t, living.Commit(t.Context()))
			require.NoError(t, living.Close())
			s, err := Open(t.Context(), path, Options{})
			require.NoError(t, err)
			require.NoError(t, s.Close())
		})
	}
}

// A file that another process puts at the final or partial name of an unfinished replica stays there.
func TestReplicaNeverReplacesAFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "new.db")
	for _, suffix := range []string{"", ".partial"} {
		r := newReplica(t, path)
		require.NoError(t, os.RemoveAll(path+suffix))
		require.NoError(t, os.WriteFile(path+suffix, []byte("precious"), 0o600))
		require.Error(t, r.Commit(t.Context()))
		require.NoError(t, r.Close())
		require.Equal(t, []string{filepath.Base(path + suffix)}, filesIn(t, dir))
		content, err := os.ReadFile(path + suffix)
		require.NoError(t, err)
		require.Equal(t, "precious", string(content))
		require.NoError(t, os.Remove(path+suffix))
	}
}

func TestReplicaIsNotCommittedAfterItsContextEnded(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	r, err := CreateReplica(ctx, filepath.Join(dir, "new.db"))
	require.NoError(t, err)
	cancel()
	require.ErrorIs(t, r.Commit(ctx), context.Canceled)
	require.NoError(t, r.Close())
	require.Empty(t, filesIn(t, dir))
}
