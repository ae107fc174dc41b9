package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/postern/adapters/sqlite"
	"example.com/postern/domain"
)

// TestBackupWhileServingIsRestoredAndServed follows the notes that the command prints, on a data folder that has changed since.
func TestBackupWhileServingIsRestoredAndServed(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	s := launch(t, map[string]string{"POSTERN_DATA_DIR": dir})
	store, err := sqlite.Open(t.Context(), filepath.Join(dir, databaseName), sqlite.Options{})
	require.NoError(t, err)
	stop, written := keepWriting(t, store)
	file := filepath.Join(t.TempDir(), "monday.db")
	before := written.Load()
	code, stdout, stderr := postern(t, []string{"POSTERN_DATA_DIR=" + dir}, "backup", file)
	require.Zero(t, code, stderr)
	require.True(t, writeTriple(t, store))
	stop()
	require.NoError(t, store.Close())
	require.Contains(t, stdout, "keys.json")
	require.Contains(t, stdout, "postern restore")
	require.Equal(t, []string{"monday.db"}, names(t, filepath.Dir(file)))
	info, err := os.Stat(file)
	require.NoError(t, err)
	require.EqualValues(t, 0o600, info.Mode().Perm())

	require.NoError(t, s.shutDown())
	triples := requireTriples(t, file)
	require.GreaterOrEqual(t, triples, before)
	require.Less(t, triples, requireTriples(t, filepath.Join(dir, databaseName)), "later writes are not in the backup")
	code, stdout, stderr = postern(t, []string{"POSTERN_DATA_DIR=" + dir}, "restore", file)
	require.Zero(t, code, stderr)
	require.Contains(t, stdout, "all users must log in again")
	s = launch(t, map[string]string{"POSTERN_DATA_DIR": dir})
	answer, err := s.client(t).ListPostsWithResponse(t.Context(), nil)
	require.NoError(t, err)
	require.NotNil(t, answer.JSON200, string(answer.Body))
	store, err = sqlite.Open(t.Context(), filepath.Join(dir, databaseName), sqlite.Options{})
	require.NoError(t, err)
	require.EqualValues(t, domain.EpochIDStep+2*triples+1, addPost(t.Context(), t, store, domain.UserID(triples)))
	require.NoError(t, store.Close())
}

func TestBackupKeepsEverything(t *testing.T) {
	t.Parallel()
	from, file := awkwardStore(t, fewPosts), filepath.Join(t.TempDir(), "copy.db")
	code, _, stderr := postern(t, nil, "backup", file, "--data-dir="+filepath.Dir(from))
	require.Zero(t, code, stderr)
	require.Equal(t, dump(t, from), dump(t, file))
}

func TestBackupRefusals(t *testing.T) {
	t.Parallel()
	data := filepath.Dir(storeWith(t))
	there := fileWith(t, canary, "precious")
	for name, c := range map[string]struct {
		environ []string
		file    string
		code    int
		says    string
	}{
		"no name":         {nil, "", exitUsage, "<file> must be a path"},
		"a file":          {nil, there, exitFailed, "the file is there already"},
		"the store":       {nil, filepath.Join(data, databaseName), exitFailed, "is there already"},
		"no store":        {[]string{"POSTERN_DATA_DIR=" + canary}, "x.db", exitFailed, "the file does not exist"},
		"a PostgreSQL":    {[]string{"POSTERN_DATABASE_URL=postgres://" + canary}, "x.db", exitUsage, "pg_dump --format=custom"},
		"DATABASE_URL":    {[]string{"DATABASE_URL=postgres://" + canary}, "x.db", exitUsage, "pg_dump --format=custom"},
		"a broken secret": {[]string{"POSTERN_DATABASE_URL_FILE=" + canary}, "x.db", exitUsage, "names a file that cannot be used"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code, stdout, stderr := postern(t, append([]string{"POSTERN_DATA_DIR=" + data}, c.environ...), "backup", c.file)
			require.Equal(t, c.code, code, stderr)
			require.Empty(t, stdout)
			require.Contains(t, stderr, c.says)
			require.NotContains(t, stderr, canary)
			require.NoFileExists(t, "x.db")
		})
	}
	code, _, stderr := postern(t, nil, "backup")
	require.Equal(t, exitUsage, code)
	require.Contains(t, strings.ToLower(stderr), `expected "<file>"`)
	content, err := os.ReadFile(there)
	require.NoError(t, err)
	require.Equal(t, "precious", string(content))
}
