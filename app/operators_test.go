package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	osuser "os/user"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	client "example.com/postern/api/client/wire"
)

// pairOn starts two instances on one store.
func pairOn(t *testing.T, env map[string]string) (one, two *instance) {
	t.Helper()
	return launch(t, env), launch(t, env)
}

// command runs a command that must succeed, and returns its output.
func command(t *testing.T, env map[string]string, args ...string) string {
	t.Helper()
	code, stdout, stderr := postern(t, environ(env), args...)
	require.Zero(t, code, stderr)
	return stdout
}

// refusal returns the code of the problem for a login that is refused.
func (s *instance) refusal(t *testing.T, email, password string) client.ProblemCode {
	t.Helper()
	answer, err := s.client(t).LoginWithFormdataBodyWithResponse(t.Context(), client.LoginForm{Username: email, Password: password})
	require.NoError(t, err)
	require.Equal(t, http.StatusForbidden, answer.StatusCode(), string(answer.Body))
	var problem client.Problem
	require.NoError(t, json.Unmarshal(answer.Body, &problem))
	return problem.Code
}

func TestAccountsAreSuspendedWhileServing(t *testing.T) {
	t.Parallel()
	onEveryStore(t, func(t *testing.T, env map[string]string) {
		one, two := pairOn(t, env)
		login, other := one.signUp(t, ada), two.signUp(t, "grace@example.com")
		post := one.write(t, login.AccessToken)
		require.Equal(t, http.StatusOK, two.me(t, login.AccessToken))
		require.Equal(t, "The account is suspended. Sessions ended: 1.\n", command(t, env, "users", "suspend", "ADA@example.com"))
		require.Equal(t, "The account is suspended. Sessions ended: 0.\n", command(t, env, "users", "suspend", ada))
		for _, s := range []*instance{one, two} {
			s.requireRefusedSoon(t, login.AccessToken)
			_, status := s.refresh(t, login.RefreshToken)
			require.Equal(t, http.StatusBadRequest, status)
			require.EqualValues(t, "account_suspended", s.refusal(t, ada, goodPassword))
			require.EqualValues(t, "invalid_credentials", s.refusal(t, ada, "wrong "+goodPassword))
			require.Equal(t, http.StatusOK, s.status(t, http.MethodGet, "/users/1", "", ""))
			require.Equal(t, http.StatusOK, s.status(t, http.MethodGet, post, "", ""), "its posts stay")
			require.Equal(t, http.StatusOK, s.me(t, other.AccessToken))
		}
		require.Equal(t, "The account is not suspended.\n", command(t, env, "users", "restore", ada))
		require.Equal(t, http.StatusOK, one.me(t, two.logIn(t, ada, goodPassword).AccessToken))
		require.Equal(t, http.StatusUnauthorized, one.me(t, login.AccessToken), "what has ended stays ended")
	})
}

// write publishes a post and returns its path.
func (s *instance) write(t *testing.T, access string) (path string) {
	t.Helper()
	made, err := s.client(t).CreatePostWithResponse(t.Context(), nil, client.PostInput{Title: "Hello", Content: "c"}, bearer(access))
	require.NoError(t, err)
	require.NotNil(t, made.JSON201, string(made.Body))
	return made.HTTPResponse.Header.Get("Location")
}

func TestPostsAreHiddenWhileServing(t *testing.T) {
	t.Parallel()
	onEveryStore(t, func(t *testing.T, env map[string]string) {
		one, two := pairOn(t, env)
		owner, other := one.signUp(t, ada), two.signUp(t, "grace@example.com")
		path := one.write(t, owner.AccessToken)
		id := strings.TrimPrefix(path, "/posts/")
		number, err := strconv.ParseInt(id, 10, 64)
		require.NoError(t, err)
		listed := func(s *instance) int {
			page, err := s.client(t).ListPostsWithResponse(t.Context(), &client.ListPostsParams{Search: new("hello")})
			require.NoError(t, err)
			require.NotNil(t, page.JSON200, string(page.Body))
			return len(*page.JSON200)
		}
		require.Equal(t, "The post is hidden.\n", command(t, env, "posts", "hide", id))
		for _, s := range []*instance{one, two} {
			require.Equal(t, http.StatusNotFound, s.status(t, http.MethodGet, path, "", ""))
			require.Equal(t, http.StatusNotFound, s.status(t, http.MethodGet, path, other.AccessToken, ""))
			require.Equal(t, http.StatusNotFound, s.status(t, http.MethodPut, path+"/vote", owner.AccessToken, ""))
			require.Zero(t, listed(s))
			seen, err := s.client(t).GetPostWithResponse(t.Context(), number, nil, bearer(owner.AccessToken))
			require.NoError(t, err)
			require.NotNil(t, seen.JSON200, string(seen.Body))
			require.Equal(t, new(true), seen.JSON200.Hidden)
			require.True(t, seen.JSON200.Published)
		}
		require.Equal(t, "The post is not hidden.\n", command(t, env, "posts", "show", id))
		for _, s := range []*instance{one, two} {
			require.Equal(t, http.StatusOK, s.status(t, http.MethodGet, path, "", ""))
			require.Equal(t, 1, listed(s))
		}
	})
}

func TestAllSessionsAreEndedWhileServing(t *testing.T) {
	t.Parallel()
	onEveryStore(t, func(t *testing.T, env map[string]string) {
		one, two := pairOn(t, env)
		logins := []*client.Token{one.signUp(t, ada), two.signUp(t, "grace@example.com"), two.logIn(t, ada, goodPassword)}
		require.Equal(t, "Sessions ended: 3. All users must log in again.\n", command(t, env, "sessions", "end", "--all"))
		require.Equal(t, "Sessions ended: 0. All users must log in again.\n", command(t, env, "sessions", "end", "--all"))
		for _, s := range []*instance{one, two} {
			for _, login := range logins {
				s.requireRefusedSoon(t, login.AccessToken)
				_, status := s.refresh(t, login.RefreshToken)
				require.Equal(t, http.StatusBadRequest, status)
			}
		}
		fresh := one.logIn(t, ada, goodPassword)
		require.Eventually(t, func() bool { return two.me(t, fresh.AccessToken) == http.StatusOK }, patience, 5*time.Millisecond)
		hedy := one.signUp(t, "hedy@example.com")
		require.Less(t, len(one.write(t, hedy.AccessToken)), len("/posts/1000000000"), "no ids are skipped")
	})
}

func TestAuditPrintsWhatOperatorsDid(t *testing.T) {
	t.Parallel()
	onEveryStore(t, func(t *testing.T, env map[string]string) {
		s := launch(t, env)
		login := s.signUp(t, ada)
		s.write(t, login.AccessToken)
		require.Equal(t, "AT  BY  ACTION  TARGET\n", command(t, env, "audit"))
		require.Equal(t, `{"actions":[]}`+"\n", command(t, env, "audit", "--format=json"))
		account, err := osuser.LookupId(strconv.Itoa(os.Getuid()))
		require.NoError(t, err)
		before := time.Now().Add(-time.Second)

		code, _, stderr := posternReading(t, importLine(t, "hedy@example.com", "$2b$04$"+strings.Repeat("a", 53)), environ(env), "users", "import", "-")
		require.Zero(t, code, stderr)
		code, _, stderr = posternReading(t, "marmalade-heron-kite\n", environ(env), "users", "set-password", ada)
		require.Zero(t, code, stderr)
		for _, args := range []string{
			"users set-email " + ada + " " + ada, "users end-sessions " + ada, "users suspend " + ada, "users restore " + ada, "posts hide 1", "posts show 1", "sessions end --all", "epoch new",
		} {
			command(t, env, strings.Fields(args)...)
		}
		want := []string{
			"epoch new all accounts", "sessions end all accounts", "posts show post 1", "posts hide post 1", "users restore user 1", "users suspend user 1",
			"users end-sessions user 1", "users set-email user 1", "users set-password user 1", "users import user 2",
		}
		text := command(t, env, "audit")
		lines := strings.Split(strings.TrimSpace(text), "\n")[1:]
		require.Len(t, lines, len(want))
		for i, line := range lines {
			require.Regexp(t, `^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ  `+account.Username+`  `, line)
			require.Equal(t, want[i], strings.Join(strings.Fields(line)[2:], " "))
		}
		var report struct {
			Actions []struct {
				At     time.Time
				By     string
				Action string
				UserID int64 `json:"user_id"`
				PostID int64 `json:"post_id"`
			}
		}
		printed := command(t, env, "audit", "--format=json", "--limit=4")
		require.NoError(t, json.Unmarshal([]byte(printed), &report))
		require.NotContains(t, text+printed, "@", "no e-mail address")
		require.Len(t, report.Actions, 4)
		for i, a := range report.Actions {
			require.Equal(t, account.Username, a.By)
			require.WithinRange(t, a.At, before, time.Now().Add(time.Second))
			name := a.Action + " all accounts"
			if a.PostID != 0 {
				name = fmt.Sprintf("%s post %d", a.Action, a.PostID)
			}
			require.Equal(t, want[i], name)
			require.Zero(t, a.UserID)
		}
	})
}

func TestOperatorsCommandsThatAreRefused(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	makeStore(t, folder)
	env := map[string]string{"POSTERN_DATA_DIR": folder}
	for args, c := range map[string]struct {
		code int
		says string
	}{
		"sessions end":                          {exitUsage, "postern sessions end needs --all"},
		"posts hide " + canary:                  {exitUsage, "<id> must be a whole number from 1 to 9007199254740991"},
		"posts hide 0":                          {exitUsage, "<id> must be"},
		"posts show 9007199254740992":           {exitUsage, "<id> must be"},
		"posts hide 7":                          {exitFailed, "There is no such post."},
		"posts show 7":                          {exitFailed, "There is no such post."},
		"users suspend " + canary + "@a.ex":     {exitFailed, "There is no such user."},
		"users restore " + canary + "@a.ex":     {exitFailed, "There is no such user."},
		"audit --limit=0":                       {exitUsage, "--limit must be a whole number from 1 to 10000"},
		"audit --format=" + canary:              {exitUsage, "--format must be one of text, json"},
		"audit --data-dir=" + folder + "/other": {exitFailed, "there is no store"},
	} {
		code, stdout, stderr := postern(t, environ(env), strings.Fields(args)...)
		require.Equal(t, c.code, code, "%s: %s", args, stderr)
		require.Contains(t, stderr, c.says)
		require.NotContains(t, stdout+stderr, canary)
		require.Empty(t, stdout)
	}
	require.Equal(t, "AT  BY  ACTION  TARGET\n", command(t, env, "audit"), "what was refused is not recorded")
}
