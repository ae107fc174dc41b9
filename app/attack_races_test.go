package main

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	client "example.com/postern/api/client/wire"
)

// generous starts a service that allows many wrong passwords.
func generous(t *testing.T, env map[string]string) attacker {
	t.Helper()
	return guessable(t, env, 100, "POSTERN_LOGIN_TRIES_PER_ADDRESS", "1000")
}

// fleet starts two instances on PostgreSQL, or one on SQLite.
func fleet(t *testing.T, env map[string]string) (all []attacker) {
	t.Helper()
	all = append(all, generous(t, env))
	if env["POSTERN_DATABASE_URL"] != "" {
		all = append(all, generous(t, env))
	}
	return all
}

// ask runs a statement in the database of either kind, and returns the value in its first row, or 0 if it has no rows.
func ask(t *testing.T, env map[string]string, statement string) (value int64) {
	t.Helper()
	if address := env["POSTERN_DATABASE_URL"]; address != "" {
		conn, err := pgx.Connect(t.Context(), address)
		require.NoError(t, err)
		defer func() { require.NoError(t, conn.Close(context.Background())) }()
		if err := conn.QueryRow(t.Context(), statement).Scan(&value); !errors.Is(err, pgx.ErrNoRows) {
			require.NoError(t, err)
		}
		return value
	}
	db, err := sql.Open("sqlite", "file:"+filepath.Join(env["POSTERN_DATA_DIR"], "postern.db")+"?_pragma=busy_timeout(5000)")
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close()) }()
	if err := db.QueryRowContext(t.Context(), statement).Scan(&value); !errors.Is(err, sql.ErrNoRows) {
		require.NoError(t, err)
	}
	return value
}

// passGrace moves the last refresh of the session 31 seconds into the past.
func passGrace(t *testing.T, env map[string]string) {
	t.Helper()
	earlier := "31000000"
	if env["POSTERN_DATABASE_URL"] != "" {
		earlier = "interval '31 seconds'"
	}
	require.EqualValues(t, 1, ask(t, env, "UPDATE sessions SET refreshed_at = refreshed_at - "+earlier+" RETURNING 1"))
}

func TestOneOfManySignUpsWins(t *testing.T) {
	t.Parallel()
	onEveryStore(t, func(t *testing.T, env map[string]string) {
		all := fleet(t, env)
		password := func(i int) string { return fmt.Sprintf("tangerine-otter-%d", i) }
		var winner atomic.Int64
		statuses, _ := atOnce(t, 16, func(c *http.Client, i int) (*http.Response, error) {
			email := ada
			if i%3 == 0 {
				email = strings.ToUpper(ada)
			}
			for {
				body := members{"email": email, "password": password(i)}.json()
				answer, err := c.Post(all[i%len(all)].s.url+"/users", "application/json", strings.NewReader(body))
				if err != nil || answer.StatusCode != http.StatusServiceUnavailable {
					if err == nil && answer.StatusCode == http.StatusCreated {
						winner.Store(int64(i))
					}
					return answer, err
				}
				_ = answer.Body.Close() // the queue for hashing was full: try again
			}
		})
		require.Equal(t, map[int]int{http.StatusCreated: 1, http.StatusConflict: 15}, statuses)
		require.EqualValues(t, 1, ask(t, env, "SELECT count(*) FROM users"))
		won := int(winner.Load())
		require.Equal(t, http.StatusOK, all[0].guess("/login", ada, password(won)).status)
		require.Equal(t, http.StatusForbidden, all[0].guess("/login", ada, password((won+1)%16)).status)
	})
}

func loginForm(password string) url.Values {
	return url.Values{"username": {ada}, "password": {password}}
}

func refreshForm(token string) url.Values {
	return url.Values{"grant_type": {"refresh_token"}, "refresh_token": {token}}
}

func TestConcurrentRefreshesGetTheSameToken(t *testing.T) {
	t.Parallel()
	onEveryStore(t, func(t *testing.T, env map[string]string) {
		all := fleet(t, env)
		first := all[0].signUp(ada).RefreshToken
		for round := range 2 {
			statuses, bodies := atOnce(t, 50, func(c *http.Client, i int) (*http.Response, error) {
				return c.PostForm(all[i%len(all)].s.url+"/token", refreshForm(first))
			})
			require.Equal(t, map[int]int{http.StatusOK: 50}, statuses)
			next := map[string]bool{}
			for _, body := range bodies {
				var token client.Token
				require.NoError(t, json.Unmarshal([]byte(body), &token))
				next[token.RefreshToken] = true
				first = token.RefreshToken
			}
			require.Len(t, next, 1)
			require.EqualValues(t, round+1, ask(t, env, "SELECT refresh_count FROM sessions"))
		}
	})
}

// TestStolenRefreshTokenEndsTheSession uses a refresh token that was used before.
func TestStolenRefreshTokenEndsTheSession(t *testing.T) {
	t.Parallel()
	onEveryStore(t, func(t *testing.T, env map[string]string) {
		a := generous(t, env)
		for name, steal := range map[string]func(t *testing.T, first, second client.Token) client.Token{
			"after the grace": func(t *testing.T, _, second client.Token) client.Token {
				passGrace(t, env)
				return second
			},
			"two steps old": func(t *testing.T, _, second client.Token) client.Token {
				third, status := a.s.refresh(t, second.RefreshToken)
				require.Equal(t, http.StatusOK, status)
				return third
			},
		} {
			first := *a.signUp(strings.ReplaceAll(name, " ", "-") + "@example.com")
			second, status := a.s.refresh(t, first.RefreshToken)
			require.Equal(t, http.StatusOK, status)
			newest := steal(t, first, second)
			_, status = a.s.refresh(t, first.RefreshToken)
			require.Equal(t, http.StatusBadRequest, status, name)
			for _, token := range []client.Token{first, second, newest} {
				_, status = a.s.refresh(t, token.RefreshToken)
				require.Equal(t, http.StatusBadRequest, status, name)
				require.Equal(t, http.StatusUnauthorized, a.s.me(t, token.AccessToken), name)
			}
			require.EqualValues(t, 0, ask(t, env, "SELECT count(*) FROM sessions"))
		}
		require.NoError(t, a.s.shutDown())
		require.Equal(t, 2, strings.Count(a.s.stderr.String(), `"event":"refresh_reused"`))
		requireCleanLog(t, a.s, goodPassword)
	})
}

// TestLoginCannotOutrunAPasswordChange logs in with the old password on all instances until it is refused. None of these sessions
// may survive.
func TestLoginCannotOutrunAPasswordChange(t *testing.T) {
	t.Parallel()
	onEveryStore(t, func(t *testing.T, env map[string]string) {
		all := fleet(t, env)
		owner := all[0].signUp(ada)
		sessions := make(chan client.Token, 1000)
		var logins sync.WaitGroup
		for i := range 3 {
			logins.Go(func() { all[i%len(all)].logInUntilRefused(sessions) })
		}
		gained := []client.Token{<-sessions}
		require.Equal(t, http.StatusNoContent, all[0].changePassword(owner.AccessToken, goodPassword, "marmalade-heron-kite"))
		logins.Wait()
		close(sessions)
		for token := range sessions {
			gained = append(gained, token)
		}
		require.EqualValues(t, 1, ask(t, env, "SELECT count(*) FROM sessions"), "the one that changed the password")
		for i, token := range gained {
			s := all[i%len(all)].s
			_, status := s.refresh(t, token.RefreshToken)
			require.Equal(t, http.StatusBadRequest, status)
			s.requireRefusedSoon(t, token.AccessToken)
		}
		require.Equal(t, http.StatusOK, all[0].s.me(t, owner.AccessToken))
	})
}

// logInUntilRefused logs in until the password is refused. It can run in a goroutine.
func (a attacker) logInUntilRefused(sessions chan<- client.Token) {
	for {
		answer, err := http.PostForm(a.s.url+"/login", loginForm(goodPassword))
		if err != nil {
			a.t.Error(err)
			return
		}
		var token client.Token
		err = json.NewDecoder(answer.Body).Decode(&token)
		_ = answer.Body.Close()
		switch {
		case err != nil:
			a.t.Error(err)
			return
		case answer.StatusCode == http.StatusOK:
			sessions <- token
		case answer.StatusCode != http.StatusServiceUnavailable:
			return
		}
	}
}

// changePassword returns the status. It tries again if the queue for hashing is full.
func (a attacker) changePassword(access, current, fresh string) int {
	body := members{"current_password": current, "new_password": fresh}.json()
	for {
		if status := a.s.status(a.t, http.MethodPut, "/users/me/password", access, body); status != http.StatusServiceUnavailable {
			return status
		}
	}
}
