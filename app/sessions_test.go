package main

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"example.com/postern/adapters/postgres"
	"example.com/postern/adapters/postgres/pgtest"
	client "example.com/postern/api/client/wire"
)

// pair starts two instances on one new database.
func pair(t *testing.T) (one, two *instance, database string) {
	t.Helper()
	database = pgtest.Migrated(t, postgres.Migrate)
	env := map[string]string{"POSTERN_DATABASE_URL": database, "POSTERN_JWT_SECRET": testSecret}
	return launch(t, env), launch(t, env), database
}

// end ends a session, and tries again while the store is not available.
func (s *instance) end(t *testing.T, login *client.Token) {
	t.Helper()
	require.Eventually(t, func() bool {
		answer, err := s.client(t).LogoutWithFormdataBodyWithResponse(t.Context(), client.LogoutForm{RefreshToken: &login.RefreshToken})
		require.NoError(t, err)
		return answer.StatusCode() == http.StatusNoContent
	}, 5*time.Second, time.Millisecond)
}

func TestEndedSessionIsRefusedAtOnceHereAndSoonElsewhere(t *testing.T) {
	t.Parallel()
	one, two, _ := pair(t)
	api := one.client(t)
	for name, c := range map[string]struct {
		email string
		end   func(ctx context.Context, caller client.RequestEditorFn, id string) (interface{ StatusCode() int }, error)
		other bool // end is called from another session of the account
	}{
		"log out": {"a@example.com", func(ctx context.Context, caller client.RequestEditorFn, _ string) (interface{ StatusCode() int }, error) {
			return api.LogoutWithBodyWithResponse(ctx, "application/x-www-form-urlencoded", http.NoBody, caller)
		}, false},
		"end one": {"b@example.com", func(ctx context.Context, caller client.RequestEditorFn, id string) (interface{ StatusCode() int }, error) {
			return api.EndSessionWithResponse(ctx, id, caller)
		}, true},
		"end the others": {"c@example.com", func(ctx context.Context, caller client.RequestEditorFn, _ string) (interface{ StatusCode() int }, error) {
			return api.EndOtherSessionsWithResponse(ctx, caller)
		}, true},
		"change the password": {"d@example.com", func(ctx context.Context, caller client.RequestEditorFn, _ string) (interface{ StatusCode() int }, error) {
			return api.ChangePasswordWithResponse(ctx, client.PasswordChange{CurrentPassword: goodPassword, NewPassword: "marmalade-heron-kite"}, caller)
		}, true},
		"delete the account": {"e@example.com", func(ctx context.Context, caller client.RequestEditorFn, _ string) (interface{ StatusCode() int }, error) {
			return api.DeleteCurrentUserWithResponse(ctx, caller)
		}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			login := one.signUp(t, c.email)
			require.Equal(t, http.StatusOK, two.me(t, login.AccessToken))
			list, err := api.ListSessionsWithResponse(t.Context(), bearer(login.AccessToken))
			require.NoError(t, err)
			require.NotNil(t, list.JSON200, string(list.Body))
			require.Len(t, *list.JSON200, 1)
			caller := login
			if c.other {
				caller = one.logIn(t, c.email, goodPassword)
			}
			answer, err := c.end(t.Context(), bearer(caller.AccessToken), (*list.JSON200)[0].ID)
			require.NoError(t, err)
			require.Equal(t, http.StatusNoContent, answer.StatusCode())
			require.Equal(t, http.StatusUnauthorized, one.me(t, login.AccessToken), "refused at once")
			two.requireRefusedSoon(t, login.AccessToken)
			_, status := two.refresh(t, login.RefreshToken)
			require.Equal(t, http.StatusBadRequest, status)
		})
	}
}

func TestWithoutTheStoreNoTokenIsAccepted(t *testing.T) {
	t.Parallel()
	server := pgtest.NewServer(t)
	s := launch(t, map[string]string{"POSTERN_DATABASE_URL": server.URL(), "POSTERN_JWT_SECRET": testSecret})
	live, ended := s.signUp(t, ada), s.logIn(t, ada, goodPassword)
	s.end(t, ended)
	require.Equal(t, http.StatusUnprocessableEntity, s.admitted(t, live.AccessToken))

	server.Stop(t)
	sees := func(access string, want int) func() bool {
		return func() bool {
			require.NotEqual(t, http.StatusUnprocessableEntity, s.admitted(t, ended.AccessToken), "an ended session is never accepted")
			return s.admitted(t, access) == want
		}
	}
	require.Eventually(t, sees(live.AccessToken, http.StatusServiceUnavailable), 10*time.Second, 10*time.Millisecond)
	for range 20 {
		require.Equal(t, http.StatusServiceUnavailable, s.admitted(t, live.AccessToken))
	}
	server.Start(t)
	require.Eventually(t, sees(live.AccessToken, http.StatusUnprocessableEntity), 10*time.Second, 10*time.Millisecond)
	require.Equal(t, http.StatusUnauthorized, s.admitted(t, ended.AccessToken))
	require.Equal(t, http.StatusOK, s.me(t, live.AccessToken))
	require.Eventually(t, func() bool {
		return strings.Contains(s.stderr.String(), "can follow the sessions that end on other instances again")
	}, 5*time.Second, 10*time.Millisecond)
	require.Equal(t, 1, strings.Count(s.stderr.String(), "cannot follow the sessions"), "consecutive failures are logged once")
}

func TestEndedSessionsAreSeenWhenConnectionsAreCut(t *testing.T) {
	t.Parallel()
	one, two, database := pair(t)
	conn, err := pgx.Connect(t.Context(), database)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, conn.Close(context.Background())) })
	one.signUp(t, ada)
	for range 5 {
		login := one.logIn(t, ada, goodPassword)
		var cut int
		require.NoError(t, conn.QueryRow(t.Context(), `SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
			WHERE datname = current_database() AND pid <> pg_backend_pid()`).Scan(&cut))
		require.Positive(t, cut)
		one.end(t, login)
		two.requireRefusedSoon(t, login.AccessToken)
		require.Eventually(t, func() bool { return one.probe(t) && two.probe(t) }, 5*time.Second, 5*time.Millisecond)
	}
}

// probe reports whether the instance is ready.
func (s *instance) probe(t *testing.T) bool {
	t.Helper()
	answer, err := http.Get(s.url + "/readyz")
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	return answer.StatusCode == http.StatusOK
}

func TestStartFailsIfTheEndedSessionsCannotBeLoaded(t *testing.T) {
	t.Parallel()
	database := pgtest.Migrated(t, postgres.Migrate)
	conn, err := pgx.Connect(t.Context(), database)
	require.NoError(t, err)
	_, err = conn.Exec(t.Context(), "ALTER TABLE ended_sessions RENAME TO elsewhere")
	require.NoError(t, err)
	require.NoError(t, conn.Close(t.Context()))
	code, stdout, stderr := postern(t, []string{"POSTERN_ADDR=127.0.0.1:0", "POSTERN_DATABASE_URL=" + database, "POSTERN_JWT_SECRET=" + testSecret})
	require.Equal(t, exitFailed, code)
	require.Empty(t, stdout, "no address is printed")
	require.Contains(t, stderr, "load the ended sessions")
	require.NotContains(t, stderr, database)
}
