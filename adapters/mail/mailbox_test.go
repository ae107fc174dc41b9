package mail

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
)

func newTestMailbox(t *testing.T, folder string) (*Mailbox, *[]string) {
	t.Helper()
	from, err := ParseFrom("Postern <postern@bücher.example>")
	require.NoError(t, err)
	var files []string
	return NewMailbox(folder, from, func(file string) { files = append(files, file) }), &files
}

func TestMailbox(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "[data]", "mail")
	box, files := newTestMailbox(t, folder)
	require.NoError(t, box.Send(t.Context(), testMail("Ada@bücher.example")))
	require.Len(t, *files, 1)
	require.Equal(t, folder, filepath.Dir((*files)[0]))
	info, err := os.Stat((*files)[0])
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	info, err = os.Stat(folder)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o700), info.Mode().Perm())
	text, err := os.ReadFile((*files)[0])
	require.NoError(t, err)
	requireMessage(t, string(text))

	ended, end := context.WithCancel(t.Context())
	end()
	require.ErrorIs(t, box.Send(ended, testMail("ada@example.org")), context.Canceled)
	require.ErrorIs(t, box.Send(t.Context(), testMail("ada@example.org\r\nBcc: eve@evil.example")), domain.ErrMailRefused)
	require.Len(t, names(t, folder), 1, "nothing else is left behind")
}

func TestAMailboxIsBounded(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	for i := range maxFiles + 5 {
		require.NoError(t, os.WriteFile(filepath.Join(folder, fmt.Sprintf("2000%04d.eml", i)), nil, 0o600))
	}
	require.NoError(t, os.WriteFile(filepath.Join(folder, "1.txt"), nil, 0o600))
	box, files := newTestMailbox(t, folder)
	require.NoError(t, box.Send(t.Context(), domain.Mail{ID: "../../x", To: "ada@example.org"}))
	left := names(t, folder)
	require.Len(t, left, maxFiles+1)
	require.Contains(t, left, "1.txt")
	require.Contains(t, left, filepath.Base((*files)[0]))
	require.NotContains(t, left, "20000005.eml")
	require.Contains(t, left, "20000006.eml")
}

func TestAFolderThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	box, _ := newTestMailbox(t, file)
	requireFailure(t, box.Send(t.Context(), testMail("ada@example.org")), domain.ErrMailServer, 0)
}

func names(t *testing.T, folder string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return names
}
