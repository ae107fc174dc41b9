package main

import (
	"context"
	"crypto/rand"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"example.com/postern/adapters/postgres/pgtest"
	client "example.com/postern/api/client/wire"
)

func TestEveryStoreServesTheSame(t *testing.T) {
	t.Parallel()
	onEveryStore(t, func(t *testing.T, env map[string]string) {
		s := launch(t, env)
		ctx, api := t.Context(), s.client(t)
		account, err := api.CreateUserWithResponse(ctx, client.Registration{Email: "ada@example.com", Password: goodPassword})
		require.NoError(t, err)
		require.NotNil(t, account.JSON201, string(account.Body))
		taken, err := api.CreateUserWithResponse(ctx, client.Registration{Email: "ADA@Example.com", Password: goodPassword})
		require.NoError(t, err)
		require.Equal(t, http.StatusConflict, taken.StatusCode())
		wrong, err := api.LoginWithFormdataBodyWithResponse(ctx, client.LoginForm{Username: "ada@example.com", Password: "wrong"})
		require.NoError(t, err)
		require.Equal(t, http.StatusForbidden, wrong.StatusCode())
		login, err := api.LoginWithFormdataBodyWithResponse(ctx, client.LoginForm{Username: "ada@example.com", Password: goodPassword})
		require.NoError(t, err)
		require.NotNil(t, login.JSON200, string(login.Body))
		token := bearer(login.JSON200.AccessToken)

		created, err := api.CreatePostWithResponse(ctx, nil, client.PostInput{Title: "😀 é", Content: " kept\r\nas it is\t"}, token)
		require.NoError(t, err)
		require.NotNil(t, created.JSON201, string(created.Body))
		require.EqualValues(t, 1, created.JSON201.ID)
		draft := false
		updated, err := api.UpdatePostWithResponse(ctx, 1, nil, client.PostInput{Title: "t", Content: "c", Published: &draft}, token)
		require.NoError(t, err)
		require.EqualValues(t, 2, updated.JSON200.Version)
		hidden, err := api.GetPostWithResponse(ctx, 1, nil)
		require.NoError(t, err)
		require.Equal(t, http.StatusNotFound, hidden.StatusCode())

		require.NoError(t, s.shutDown())
		s = launch(t, env)
		read, err := s.client(t).GetPostWithResponse(ctx, 1, nil, token)
		require.NoError(t, err)
		require.Equal(t, updated.JSON200, read.JSON200, "the data was kept, and the old token is accepted")
		deleted, err := s.client(t).DeletePostWithResponse(ctx, 1, nil, token)
		require.NoError(t, err)
		require.Equal(t, http.StatusNoContent, deleted.StatusCode())
	})
}

// TestInstancesShareAStore starts two instances on one empty database at once. Each accepts the other's tokens.
func TestInstancesShareAStore(t *testing.T) {
	t.Parallel()
	env := map[string]string{"POSTERN_DATABASE_URL": pgtest.Empty(t), "POSTERN_KEYS_FILE": filepath.Join(t.TempDir(), "keys.json")}
	code, stdout, stderr := postern(t, []string{"POSTERN_KEYS_FILE=" + env["POSTERN_KEYS_FILE"]}, "keys", "create")
	require.Zero(t, code, stderr)
	require.Contains(t, stdout, "All instances that share a store need this same file")
	one, two := launch(t, env), launch(t, env)
	require.Contains(t, one.stdout.String(), "PostgreSQL, at POSTERN_DATABASE_URL")
	ctx := t.Context()
	_, err := one.client(t).CreateUserWithResponse(ctx, client.Registration{Email: "ada@example.com", Password: goodPassword})
	require.NoError(t, err)
	login, err := two.client(t).LoginWithFormdataBodyWithResponse(ctx, client.LoginForm{Username: "ada@example.com", Password: goodPassword})
	require.NoError(t, err)
	require.NotNil(t, login.JSON200, string(login.Body))
	created, err := one.client(t).CreatePostWithResponse(ctx, nil, client.PostInput{Title: "t", Content: "c"}, bearer(login.JSON200.AccessToken))
	require.NoError(t, err)
	require.NotNil(t, created.JSON201, string(created.Body))
	list, err := two.client(t).ListPostsWithResponse(ctx, nil, bearer(login.JSON200.AccessToken))
	require.NoError(t, err)
	require.Equal(t, client.PostPage{*created.JSON201}, *list.JSON200)
}

func TestMigrateIsASeparateStep(t *testing.T) {
	t.Parallel()
	database := pgtest.Empty(t)
	env := []string{"POSTERN_ADDR=127.0.0.1:0", "POSTERN_DATABASE_URL=" + database, "POSTERN_JWT_SECRET=" + testSecret, "POSTERN_MIGRATE=off"}
	code, _, stderr := postern(t, env)
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr, "run the migrations first")
	for range 2 {
		code, stdout, stderr := postern(t, []string{"POSTERN_MIGRATION_URL=" + database}, "migrate")
		require.Zero(t, code, stderr)
		require.Contains(t, stdout, "up to date")
	}
	launch(t, map[string]string{"POSTERN_DATABASE_URL": database, "POSTERN_JWT_SECRET": testSecret, "POSTERN_MIGRATE": "off"})
	code, _, stderr = postern(t, nil, "migrate")
	require.Equal(t, exitUsage, code)
	require.Contains(t, stderr, "POSTERN_MIGRATION_URL or POSTERN_DATABASE_URL is needed")
}

// TestRoleWithoutDDL runs the service with a role that can only read and write rows. Another role owns the tables.
func TestRoleWithoutDDL(t *testing.T) {
	t.Parallel()
	owner := pgtest.Empty(t)
	code, _, stderr := postern(t, []string{"POSTERN_MIGRATION_URL=" + owner}, "migrate")
	require.Zero(t, code, stderr)
	role := "postern_app_" + strings.ToLower(rand.Text())
	conn, err := pgx.Connect(t.Context(), owner)
	require.NoError(t, err)
	for _, statement := range []string{
		"CREATE ROLE " + role + " LOGIN PASSWORD '" + role + "'",
		pgtest.Grants(t, "../docs/scaling.md", role),
	} {
		_, err = conn.Exec(t.Context(), statement)
		require.NoError(t, err)
	}
	t.Cleanup(func() {
		ctx := context.Background()
		_, err := conn.Exec(ctx, "DROP OWNED BY "+role+"; DROP ROLE "+role)
		require.NoError(t, err)
		require.NoError(t, conn.Close(ctx))
	})
	least, err := url.Parse(owner)
	require.NoError(t, err)
	least.User = url.UserPassword(role, role)

	s := launch(t, map[string]string{"POSTERN_DATABASE_URL": least.String(), "POSTERN_JWT_SECRET": testSecret, "POSTERN_MIGRATE": "off"})
	account, err := s.client(t).CreateUserWithResponse(t.Context(), client.Registration{Email: "ada@example.com", Password: goodPassword})
	require.NoError(t, err)
	require.NotNil(t, account.JSON201, string(account.Body))
	require.NoError(t, s.shutDown())

	env := []string{"POSTERN_DATABASE_URL=" + least.String(), "POSTERN_MIGRATE=off"}
	code, findings := doctor(t, append(env, "POSTERN_JWT_SECRET="+testSecret))
	require.Zero(t, code)
	require.Equal(t, "the role may read and write all tables", findings["privileges"].Message, "the documented grants suffice")
	code, _, stderr = postern(t, env, "epoch", "new")
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr, "permission denied")
	_, err = conn.Exec(t.Context(), "GRANT INSERT, UPDATE ON store_epoch TO "+role+"; GRANT UPDATE ON ALL SEQUENCES IN SCHEMA public TO "+role)
	require.NoError(t, err)
	code, _, stderr = postern(t, env, "epoch", "new")
	require.Zero(t, code, stderr)
}

func TestUnreachableDatabaseIsNamedByItsVariable(t *testing.T) {
	t.Parallel()
	nowhere := "postgres://" + canary + "-user:" + canary + "-password@localhost:1/" + canary + "-database"
	for variable, args := range map[string][]string{"DATABASE_URL": nil, "POSTERN_MIGRATION_URL": {"migrate"}} {
		env := []string{variable + "=" + nowhere, "POSTERN_JWT_SECRET=" + testSecret}
		code, stdout, stderr := postern(t, env, args...)
		require.Equal(t, exitFailed, code)
		require.Contains(t, stderr, variable)
		require.Contains(t, stderr, "connection refused")
		require.NotContains(t, stdout+stderr, canary)
		require.NotContains(t, stdout+stderr, "localhost")
	}
}

func TestKeyFileOfASharedStoreIsNotCreated(t *testing.T) {
	t.Parallel()
	missing := filepath.Join(t.TempDir(), "keys.json")
	code, _, stderr := postern(t, []string{"DATABASE_URL=postgres://127.0.0.1:1/postern", "POSTERN_KEYS_FILE=" + missing})
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr, "postern keys create")
	require.NoFileExists(t, missing)
}
