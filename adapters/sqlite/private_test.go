package sqlite

import (
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// A link in the place of a side file may refer to another user's file, whose mode must not change.
func TestModesAreNotChangedThroughLinks(t *testing.T) {
	t.Parallel()
	for _, suffix := range []string{"-wal", "-shm"} {
		for kind, link := range map[string]func(from, to string) error{"symbolic": os.Symlink, "hard": os.Link} {
			if kind == "hard" && os.Geteuid() != 0 {
				continue // other users can only change the mode of their own files
			}
			path, victim := filepath.Join(t.TempDir(), "postern.db"), filepath.Join(t.TempDir(), "victim")
			makeDatabase(t, path)
			require.NoError(t, os.WriteFile(victim, []byte("precious"), 0o600))
			require.NoError(t, os.Chmod(victim, 0o644))
			require.NoError(t, link(victim, path+suffix))
			_, err := Open(t.Context(), path, Options{})
			require.Error(t, err, "%s link at %s", kind, suffix)
			requireMode(t, victim, 0o644)
			text, err := os.ReadFile(victim)
			require.NoError(t, err)
			require.Equal(t, "precious", string(text))
		}
	}
}

func TestFailedReceiveLeavesNoFile(t *testing.T) {
	t.Parallel()
	target := filepath.Join(t.TempDir(), "new", "copy.db")
	err := Receive(t.Context(), target, func(file *os.File) error {
		_, err := io.WriteString(file, "half of it")
		require.NoError(t, err)
		return io.ErrUnexpectedEOF
	})
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	require.NoDirExists(t, filepath.Dir(target))
}

func TestStreamIsReceived(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	_, err := insertUser(t.Context(), s, "ada@example.org")
	require.NoError(t, err)
	target := filepath.Join(t.TempDir(), "copy.db")
	require.NoError(t, Receive(t.Context(), target, func(file *os.File) error {
		_, err := Stream(t.Context(), s.path, file, false)
		return err
	}))
	requireMode(t, target, 0o600)
	copied, err := Open(t.Context(), target, Options{})
	require.NoError(t, err)
	_, err = insertUser(t.Context(), copied, "ada@example.org")
	require.Error(t, err, "the address is taken")
	require.NoError(t, copied.Close())
	require.NoFileExists(t, s.path+".backup.partial")
}
