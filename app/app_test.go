package main

import (
	"context"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/postern/adapters/rest/resttest"
	client "example.com/postern/api/client/wire"
)

const goodPassword = "tangerine-otter-lamp"

func TestServeKeepsDataAndTokensAcrossARestart(t *testing.T) {
	t.Parallel()
	env := map[string]string{"POSTERN_DATA_DIR": filepath.Join(t.TempDir(), "made", "here")}
	s := launch(t, env)
	require.Contains(t, s.stdout.String(), "generated now")
	api, ctx := s.client(t), t.Context()

	account, err := api.CreateUserWithResponse(ctx, client.Registration{Email: "ada@example.com", Password: goodPassword})
	require.NoError(t, err)
	require.Equal(t, http.StatusCreated, account.HTTPResponse.StatusCode, string(account.Body))
	login, err := api.LoginWithFormdataBodyWithResponse(ctx, client.LoginForm{Username: "ada@example.com", Password: goodPassword})
	require.NoError(t, err)
	require.NotNil(t, login.JSON200, string(login.Body))
	require.EqualValues(t, 1800, login.JSON200.ExpiresIn)
	token := bearer(login.JSON200.AccessToken)
	post, err := api.CreatePostWithResponse(ctx, nil, client.PostInput{Title: "First", Content: "Hello.\n"}, token)
	require.NoError(t, err)
	require.NotNil(t, post.JSON201, string(post.Body))
	posts, err := api.ListPostsWithResponse(ctx, nil, token)
	require.NoError(t, err)
	require.NotNil(t, posts.JSON200, string(posts.Body))
	require.Equal(t, client.PostPage{*post.JSON201}, *posts.JSON200)

	require.NoError(t, s.shutDown())
	require.Contains(t, s.stdout.String(), "Postern has stopped.")
	s = launch(t, env)
	require.Contains(t, s.stdout.String(), "found in")
	api = s.client(t)

	read, err := api.GetPostWithResponse(ctx, post.JSON201.ID, nil, token)
	require.NoError(t, err)
	require.Equal(t, post.JSON201, read.JSON200)
	me, err := api.GetCurrentUserWithResponse(ctx, token)
	require.NoError(t, err)
	require.Equal(t, account.JSON201, me.JSON200, "a token from before the restart is accepted")
}

func TestOnlyTheOwnerCanReadTheData(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	s := launch(t, map[string]string{"POSTERN_DATA_DIR": dir})
	modes := map[string]os.FileMode{}
	require.NoError(t, filepath.WalkDir(dir, func(path string, entry os.DirEntry, err error) error {
		require.NoError(t, err)
		info, err := entry.Info()
		require.NoError(t, err)
		modes[filepath.Base(path)] = info.Mode().Perm()
		return nil
	}))
	require.EqualValues(t, 0o700, modes["data"])
	require.EqualValues(t, 0o600, modes["keys.json"])
	require.EqualValues(t, 0o600, modes["postern.db"])
	for name, mode := range modes {
		require.Zero(t, mode&0o077, name)
	}
	require.NoError(t, s.shutDown())
}

func TestStartMessage(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	s := launch(t, map[string]string{"POSTERN_DATA_DIR": dir, "POSTERN_ADDR": "localhost:0"})
	block := s.stdout.String()
	require.Contains(t, block, "Docs         "+s.url+"/docs\n")
	require.Contains(t, block, s.url+"/openapi.json")
	require.Contains(t, block, "Data         "+dir+"\n")
	require.Contains(t, block, "Store        embedded (SQLite)")
	require.Contains(t, block, "Keys         generated now, in "+filepath.Join(dir, "keys.json")+"\n")
	require.NotContains(t, block, "Debugging")

	answer, err := http.Get(s.url + "/openapi.json")
	require.NoError(t, err)
	defer answer.Body.Close()
	require.Equal(t, http.StatusOK, answer.StatusCode)
}

func TestSecretReplacesTheKeyFile(t *testing.T) {
	t.Parallel()
	env := map[string]string{"POSTERN_DATA_DIR": t.TempDir(), "POSTERN_JWT_SECRET": testSecret}
	s := launch(t, env)
	require.Contains(t, s.stdout.String(), "from POSTERN_JWT_SECRET")
	require.NoFileExists(t, filepath.Join(env["POSTERN_DATA_DIR"], "keys.json"))
}

func TestTokenSettingsReachTheTokens(t *testing.T) {
	t.Parallel()
	env := map[string]string{"POSTERN_DATA_DIR": t.TempDir(), "POSTERN_TOKEN_TTL": "90s"}
	s := launch(t, env)
	api, ctx := s.client(t), t.Context()
	_, err := api.CreateUserWithResponse(ctx, client.Registration{Email: "ada@example.com", Password: goodPassword})
	require.NoError(t, err)
	login, err := api.LoginWithFormdataBodyWithResponse(ctx, client.LoginForm{Username: "ada@example.com", Password: goodPassword})
	require.NoError(t, err)
	require.NotNil(t, login.JSON200)
	require.EqualValues(t, 90, login.JSON200.ExpiresIn)
	require.NoError(t, s.shutDown())

	for setting, status := range map[string]int{"POSTERN_LOG_LEVEL": 200, "POSTERN_TOKEN_ISSUER": 401, "POSTERN_TOKEN_AUDIENCE": 401} {
		other := launch(t, map[string]string{"POSTERN_DATA_DIR": env["POSTERN_DATA_DIR"], setting: "error"})
		me, err := other.client(t).GetCurrentUserWithResponse(ctx, bearer(login.JSON200.AccessToken))
		require.NoError(t, err)
		require.Equal(t, status, me.HTTPResponse.StatusCode, "with another %s", setting)
		require.NoError(t, other.shutDown())
	}
}

func TestCORSOriginsReachTheHandler(t *testing.T) {
	t.Parallel()
	s := launch(t, nil, "--cors-origins=https://app.example, http://localhost:3000")
	for origin, allowed := range map[string]string{"http://localhost:3000": "http://localhost:3000", "https://evil.example": ""} {
		request, err := http.NewRequest(http.MethodGet, s.url+"/posts", nil)
		require.NoError(t, err)
		request.Header.Set("Origin", origin)
		answer, err := resttest.NewClient(t).Do(request)
		require.NoError(t, err)
		require.NoError(t, answer.Body.Close())
		require.Equal(t, allowed, answer.Header.Get("Access-Control-Allow-Origin"))
	}
}

func TestClientAddressComesThroughTrustedProxiesOnly(t *testing.T) {
	t.Parallel()
	const claimed = "198.51.100.7"
	for name, c := range map[string]struct {
		args   []string
		logged string
		warned int
	}{
		"trusted":     {[]string{"--trusted-proxies=127.0.0.0/8"}, claimed, 0},
		"not trusted": {nil, "127.0.0.1", 1},
	} {
		s := launch(t, nil, c.args...)
		for range 2 {
			request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+"/posts", nil)
			require.NoError(t, err)
			request.Header.Set("X-Forwarded-For", claimed)
			answer, err := resttest.NewClient(t).Do(request)
			require.NoError(t, err)
			require.NoError(t, answer.Body.Close())
		}
		require.NoError(t, s.shutDown())
		require.Equal(t, 2, strings.Count(s.stderr.String(), `"ip":"`+c.logged+`"`), name)
		require.Equal(t, c.warned, strings.Count(s.stderr.String(), "POSTERN_TRUSTED_PROXIES"), name)
	}
}

func TestStopDuringTheStart(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	stdout, stderr := newOutput(), newOutput()
	env := lookUp([]string{"POSTERN_ADDR=127.0.0.1:0", "POSTERN_DATA_DIR=" + t.TempDir()})
	require.NoError(t, run(ctx, nil, env, nil, stdout, stderr))
	require.Contains(t, stdout.String(), "Postern has stopped.")
}
