package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	client "example.com/postern/api/client/wire"
	"example.com/postern/domain"
)

// TestBackupWhileServingIsRestoredAndServed is the restore drill of docs/operations.md. It compares the restored store with
// a ledger of the writes that were acknowledged before, during and after the backup.
func TestBackupWhileServingIsRestoredAndServed(t *testing.T) {
	t.Parallel()
	onEveryStore(t, func(t *testing.T, env map[string]string) {
		env["POSTERN_WRITES_BURST"] = "0"
		s := launch(t, env)
		account := s.signUp(t, ada)
		ledger, stop := keepPosting(t, s, account.AccessToken)
		before := ledger.posts()
		restore := rollBack(t, env)
		during := ledger.posts()
		post := createPost(t, s, account.AccessToken, "later")
		stop()
		require.NoError(t, s.shutDown())
		restore()

		s = launch(t, env)
		again := s.logIn(t, ada, goodPassword)
		kept := allPosts(t, s, again.AccessToken)
		for id, acknowledged := range before {
			require.Equal(t, acknowledged, kept[id], "a write that was acknowledged before the backup")
		}
		var last client.PostID
		for id, restored := range kept {
			require.Equal(t, ledger.posts()[id], restored, "a write that was acknowledged")
			last = max(last, id)
		}
		require.NotContains(t, kept, post.ID, "a write that began after the backup")
		require.GreaterOrEqual(t, len(kept), len(before))
		require.LessOrEqual(t, len(kept), len(during)+1, "the post of which the acknowledgement was still to come")
		require.Greater(t, createPost(t, s, again.AccessToken, "new").ID, last+domain.EpochIDStep-1)
		var environ []string
		for name, value := range env {
			environ = append(environ, name+"="+value)
		}
		code, findings := doctor(t, environ)
		require.Zero(t, code, findings)
		require.NoError(t, s.shutDown())
	})
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
