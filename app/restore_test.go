package main

import (
	"context"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"example.com/postern/adapters/postgres/pgtest"
	client "example.com/postern/api/client/wire"
	"example.com/postern/domain"
)

// rollBack backs up a store, which may be in use. It returns a function that restores the store as docs/operations.md says,
// after the service has stopped.
func rollBack(t *testing.T, env map[string]string) (restore func()) {
	t.Helper()
	var environ []string
	for name, value := range env {
		environ = append(environ, name+"="+value)
	}
	command := func(args ...string) (stdout string) {
		code, stdout, stderr := postern(t, environ, args...)
		require.Zero(t, code, stderr)
		return stdout
	}
	if database := env["POSTERN_DATABASE_URL"]; database != "" {
		dump := filepath.Join(t.TempDir(), "monday.dump")
		runClient(t, "pg_dump", "--format=custom", "--file="+dump, database)
		return func() {
			replaceDatabase(t, database)
			runClient(t, "pg_restore", "--exit-on-error", "--single-transaction", "--dbname="+database, dump)
			require.Contains(t, command("epoch", "new"), "all users must log in again")
		}
	}
	file := filepath.Join(t.TempDir(), "it's monday.db")
	stdout := command("backup", "--verify", file)
	require.Contains(t, stdout, "keys.json")
	require.Contains(t, stdout, "postern restore")
	require.Regexp(t, `(?m)^  posts +\d+ rows$`, stdout)
	require.Equal(t, []string{filepath.Base(file)}, names(t, filepath.Dir(file)))
	info, err := os.Stat(file)
	require.NoError(t, err)
	require.EqualValues(t, 0o600, info.Mode().Perm())
	return func() { require.Contains(t, command("restore", file), "all users must log in again") }
}

// runClient runs a client program of PostgreSQL.
func runClient(t *testing.T, name string, args ...string) {
	t.Helper()
	output, err := exec.CommandContext(t.Context(), pgtest.Program(t, name), args...).CombinedOutput()
	require.NoError(t, err, "%s: %s", name, output)
}

// replaceDatabase renames a database, and creates an empty one in its place.
func replaceDatabase(t *testing.T, database string) {
	t.Helper()
	server, err := url.Parse(database)
	require.NoError(t, err)
	name, kept := pgx.Identifier{server.Path[1:]}.Sanitize(), pgx.Identifier{server.Path[1:] + "_old"}.Sanitize()
	server.Path = "/postgres"
	run := func(ctx context.Context, statements ...string) {
		conn, err := pgx.Connect(ctx, server.String())
		require.NoError(t, err)
		for _, statement := range statements {
			_, err = conn.Exec(ctx, statement)
			require.NoError(t, err)
		}
		require.NoError(t, conn.Close(ctx))
	}
	run(t.Context(), "ALTER DATABASE "+name+" RENAME TO "+kept, "CREATE DATABASE "+name)
	t.Cleanup(func() { run(context.Background(), "DROP DATABASE "+kept+" WITH (FORCE)") })
}

// ownID returns the id of the account that an access token belongs to.
func ownID(t *testing.T, s *instance, access string) int64 {
	t.Helper()
	me, err := s.client(t).GetCurrentUserWithResponse(t.Context(), bearer(access))
	require.NoError(t, err)
	require.NotNil(t, me.JSON200, string(me.Body))
	return int64(me.JSON200.ID)
}

// TestNoTokenOutlivesARestore uses tokens from before the restore. Those that were issued after the backup must not open an
// account that was created later with the same id.
func TestNoTokenOutlivesARestore(t *testing.T) {
	t.Parallel()
	onEveryStore(t, func(t *testing.T, env map[string]string) {
		s := launch(t, env)
		known := s.signUp(t, ada)
		require.NoError(t, s.shutDown())
		restore := rollBack(t, env)

		s = launch(t, env)
		lost := s.signUp(t, "bob@example.com")
		lostID := ownID(t, s, lost.AccessToken)
		require.NoError(t, s.shutDown())
		restore()

		s = launch(t, env)
		stranger := s.signUp(t, "cleo@example.com")
		require.Greater(t, ownID(t, s, stranger.AccessToken), lostID+domain.EpochIDStep-1)
		for name, token := range map[string]*client.Token{"of the lost account": lost, "of a session in the backup": known} {
			require.Equal(t, http.StatusUnauthorized, s.me(t, token.AccessToken), name)
			_, status := s.refresh(t, token.RefreshToken)
			require.NotEqual(t, http.StatusOK, status, name)
		}
		again := s.logIn(t, ada, goodPassword)
		sessions, err := s.client(t).ListSessionsWithResponse(t.Context(), bearer(again.AccessToken))
		require.NoError(t, err)
		require.Len(t, *sessions.JSON200, 1, "the sessions in the backup have ended")
	})
}

func TestRestoreRefusals(t *testing.T) {
	t.Parallel()
	dir, file := filepath.Join(t.TempDir(), "data"), filepath.Join(t.TempDir(), "monday.db")
	env := []string{"POSTERN_DATA_DIR=" + dir}
	s := launch(t, map[string]string{"POSTERN_DATA_DIR": dir})
	code, _, stderr := postern(t, env, "backup", file)
	require.Zero(t, code, stderr)
	code, stdout, stderr := postern(t, env, "restore", file)
	require.Equal(t, exitFailed, code)
	require.Empty(t, stdout)
	require.Contains(t, stderr, "the store in POSTERN_DATA_DIR is in use: stop the service")
	s.signUp(t, ada)
	require.NoError(t, s.shutDown())

	for says, c := range map[string]struct {
		environ []string
		args    []string
		code    int
	}{
		"<file> must be a path":         {nil, []string{"restore", ""}, exitUsage},
		"open the backup: no such file": {nil, []string{"restore", canary}, exitFailed},
		"open the folder: no such file": {[]string{"POSTERN_DATA_DIR=" + canary}, []string{"restore", file}, exitFailed},
		"pg_restore":                    {[]string{"POSTERN_DATABASE_URL=postgres://" + canary}, []string{"restore", file}, exitUsage},
		"there is no store":             {[]string{"POSTERN_DATA_DIR=" + canary}, []string{"epoch", "new"}, exitFailed},
	} {
		code, stdout, stderr := postern(t, append(env, c.environ...), c.args...)
		require.Equal(t, c.code, code, stderr)
		require.Empty(t, stdout)
		require.Contains(t, stderr, says)
		require.NotContains(t, stderr, canary)
	}
}
