package main

import (
	"context"
	"net/http"
	"net/url"
	"path/filepath"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	client "example.com/postern/api/client/wire"
	"example.com/postern/domain"
)

// rollBack saves a store, and returns a function that restores it as the documentation says.
func rollBack(t *testing.T, env map[string]string) (restore func()) {
	t.Helper()
	var environ []string
	for name, value := range env {
		environ = append(environ, name+"="+value)
	}
	command := func(args ...string) {
		code, stdout, stderr := postern(t, environ, args...)
		require.Zero(t, code, stderr)
		if args[0] != "backup" {
			require.Contains(t, stdout, "all users must log in again")
		}
	}
	if env["POSTERN_DATABASE_URL"] == "" {
		file := filepath.Join(t.TempDir(), "it's monday.db")
		command("backup", file)
		return func() { command("restore", file) }
	}
	saved := copyDatabase(t, env["POSTERN_DATABASE_URL"], "")
	return func() {
		copyDatabase(t, saved, env["POSTERN_DATABASE_URL"])
		command("epoch", "new")
	}
}

// copyDatabase replaces a database with a copy of another one, as pg_dump and pg_restore do, and returns its URL. If to is empty, it
// creates a new database.
func copyDatabase(t *testing.T, from, to string) string {
	t.Helper()
	source, err := url.Parse(from)
	require.NoError(t, err)
	target := *source
	if target.Path += "_saved"; to != "" {
		parsed, err := url.Parse(to)
		require.NoError(t, err)
		target = *parsed
	}
	server := *source
	server.Path = "/postgres"
	conn, err := pgx.Connect(t.Context(), server.String())
	require.NoError(t, err)
	name := func(u *url.URL) string { return pgx.Identifier{u.Path[1:]}.Sanitize() }
	for _, statement := range []string{
		"DROP DATABASE IF EXISTS " + name(&target) + " WITH (FORCE)",
		"CREATE DATABASE " + name(&target) + " TEMPLATE " + name(source),
	} {
		_, err = conn.Exec(t.Context(), statement)
		require.NoError(t, err)
	}
	require.NoError(t, conn.Close(t.Context()))
	if to == "" {
		t.Cleanup(func() {
			conn, err := pgx.Connect(context.Background(), server.String())
			require.NoError(t, err)
			_, err = conn.Exec(context.Background(), "DROP DATABASE "+name(&target)+" WITH (FORCE)")
			require.NoError(t, err)
			require.NoError(t, conn.Close(context.Background()))
		})
	}
	return target.String()
}

// ownID returns the id of the account that an access token belongs to.
func ownID(t *testing.T, s *instance, access string) int64 {
	t.Helper()
	me, err := s.client(t).GetCurrentUserWithResponse(t.Context(), bearer(access))
	require.NoError(t, err)
	require.NotNil(t, me.JSON200, string(me.Body))
	return int64(me.JSON200.ID)
}

// TestNoTokenOutlivesARestore uses tokens from before the restore. Those that were issued after the backup must not open an account
// that was created later with the same id.
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
