package sqlite

import (
	"database/sql"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
	"example.com/postern/domain/diagnosis"
)

// findingOf returns the finding of one check.
func findingOf(t *testing.T, findings []diagnosis.Finding, check string) diagnosis.Finding {
	t.Helper()
	for _, f := range findings {
		if f.Check == check {
			return f
		}
	}
	t.Fatalf("there is no check %s", check)
	return diagnosis.Finding{}
}

func requireSound(t *testing.T, findings []diagnosis.Finding) {
	t.Helper()
	for _, f := range findings {
		require.Contains(t, []diagnosis.Status{diagnosis.StatusOK, diagnosis.StatusSkipped}, f.Status, "%s: %s", f.Check, f.Message)
	}
}

// files returns the content of each file in a folder.
func files(t *testing.T, folder string) map[string]string {
	t.Helper()
	contents := map[string]string{}
	entries, err := os.ReadDir(folder)
	require.NoError(t, err)
	for _, entry := range entries {
		content, err := os.ReadFile(filepath.Join(folder, entry.Name()))
		require.NoError(t, err)
		contents[entry.Name()] = string(content)
	}
	return contents
}

func TestDiagnoseAtRestCreatesNoFile(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "postern.db")
	makeStore(t, path)
	before := files(t, filepath.Dir(path))
	requireSound(t, Diagnose(t.Context(), path))
	require.Equal(t, before, files(t, filepath.Dir(path)))
	require.NoError(t, os.WriteFile(path+"-wal", nil, 0o600)) // a backup may leave it
	requireSound(t, Diagnose(t.Context(), path))
	require.NoFileExists(t, path+"-shm")

	missing := filepath.Join(t.TempDir(), "none", "postern.db")
	require.Equal(t, diagnosis.StatusProblem, findingOf(t, Diagnose(t.Context(), missing), "store").Status)
	require.NoDirExists(t, filepath.Dir(missing))
}

// TestDiagnoseDuringAWrite runs while a transaction holds the lock of the writer, and sees what was committed before.
func TestDiagnoseDuringAWrite(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	require.NoError(t, s.InTx(t.Context(), func(tx domain.Repositories) error {
		_, err := tx.Users().Insert(t.Context(), domain.NewUser{Email: "ada@example.org", PasswordHash: "hash", CreatedAt: moment})
		requireSound(t, Diagnose(t.Context(), s.path))
		return err
	}))
	requireSound(t, Diagnose(t.Context(), s.path))
}

func TestDiagnoseFinds(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		spoil  func(t *testing.T, path string)
		check  string
		status diagnosis.Status
		says   string
	}{
		"no database":       {func(t *testing.T, path string) { require.NoError(t, os.WriteFile(path, []byte("Dear diary."), 0o600)) }, "store", diagnosis.StatusProblem, "not a database"},
		"another program's": {func(t *testing.T, path string) { execIn(t, path, "DROP TABLE goose_db_version") }, "schema", diagnosis.StatusProblem, "this program did not make it"},
		"an older schema":   {func(t *testing.T, path string) { execIn(t, path, "DELETE FROM goose_db_version WHERE version_id > 24") }, "schema", diagnosis.StatusWarning, "version 24"},
		"a newer schema": {func(t *testing.T, path string) {
			execIn(t, path, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (999, 1)")
		}, "schema", diagnosis.StatusProblem, "version 999"},
		"a missing index":    {func(t *testing.T, path string) { execIn(t, path, "DROP INDEX posts_backlog_idx") }, "indexes", diagnosis.StatusProblem, "index posts_backlog_idx"},
		"a readable file":    {func(t *testing.T, path string) { require.NoError(t, os.Chmod(path, 0o644)) }, "privileges", diagnosis.StatusWarning, "mode 0644"},
		"a link as the lock": {func(t *testing.T, path string) { require.NoError(t, os.Symlink(path, path+".lock")) }, "privileges", diagnosis.StatusProblem, "not a regular file"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "postern.db")
			makeStore(t, path)
			_ = os.Remove(path + ".lock")
			c.spoil(t, path)
			before := files(t, filepath.Dir(path))
			finding := findingOf(t, Diagnose(t.Context(), path), c.check)
			require.Equal(t, c.status, finding.Status, finding.Message)
			require.Contains(t, finding.Message, c.says)
			require.NotEmpty(t, finding.Action)
			require.Equal(t, before, files(t, filepath.Dir(path)), "nothing was mended")
		})
	}
}

func TestDiagnoseFindsAnotherEncoding(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "postern.db")
	db, err := sql.Open("sqlite", path)
	require.NoError(t, err)
	_, err = db.Exec("PRAGMA encoding = 'UTF-16le'; CREATE TABLE t (x)")
	require.NoError(t, err)
	require.NoError(t, db.Close())
	require.Equal(t, diagnosis.StatusProblem, findingOf(t, Diagnose(t.Context(), path), "encoding").Status)
}

func TestSpaceFinding(t *testing.T) {
	t.Parallel()
	const mib = 1 << 20
	require.Equal(t, diagnosis.StatusProblem, spaceFinding(63*mib, 0).Status)
	require.Equal(t, diagnosis.StatusOK, spaceFinding(64*mib, 0).Status)
	require.Equal(t, diagnosis.StatusWarning, spaceFinding(1063*mib, 1000*mib).Status)
	require.Equal(t, diagnosis.StatusOK, spaceFinding(1064*mib, 1000*mib).Status)
	require.Equal(t, "0 MiB are free beside a store of 2 MiB: writes will soon fail", spaceFinding(5, mib+1).Message)
}
