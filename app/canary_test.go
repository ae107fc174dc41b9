package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/postern/adapters/rest/resttest"
	client "example.com/postern/api/client/wire"
)

// Secrets that no answer and no log may contain.
const (
	canaryPassword = "canary-Passw0rd-zebra"
	canaryWrong    = "canary-Wr0ng-zebra"
	canaryQuery    = "canary-query-zebra"
	canaryHeader   = "canary-header-zebra"
	canaryBody     = "canary-body-zebra"
	canaryPath     = "canary-path-zebra"
	canarySecret   = "canary-secret/Nq8Zt+PwX2eLk-zebra-93481"
)

// TestNothingSecretIsRepeated sends secrets in every place where a client can put one. No answer and no output of the process may
// contain them.
func TestNothingSecretIsRepeated(t *testing.T) {
	t.Parallel()
	s := launch(t, map[string]string{"POSTERN_JWT_SECRET": canarySecret, "POSTERN_LOG_LEVEL": "debug"})
	api, ctx := s.client(t), t.Context()
	created, err := api.CreateUserWithResponse(ctx, client.Registration{Email: "ada@example.com", Password: canaryPassword})
	require.NoError(t, err)
	require.NotNil(t, created.JSON201)
	login, err := api.LoginWithFormdataBodyWithResponse(ctx, client.LoginForm{Username: "ada@example.com", Password: canaryPassword})
	require.NoError(t, err)
	require.NotNil(t, login.JSON200)
	token := login.JSON200.AccessToken
	spent := login.JSON200.RefreshToken
	next, status := s.refresh(t, spent)
	require.Equal(t, http.StatusOK, status)

	answers := sendCanaries(t, s, token, next.RefreshToken)
	require.NoError(t, s.shutDown())
	log := s.stderr.String()
	signature := token[strings.LastIndexByte(token, '.')+1:]
	for _, secret := range []string{canaryPassword, canaryWrong, canaryQuery, canaryHeader, canaryBody, canaryPath, canarySecret, token, signature,
		spent, next.RefreshToken, next.AccessToken} {
		for where, text := range map[string]string{"the answers": answers, "the log": log, "standard output": s.stdout.String()} {
			require.NotContains(t, text, secret, where)
			require.NotContains(t, text, url.QueryEscape(secret), where)
		}
	}
	require.NotContains(t, answers+log, "zebra")
	requireAuditable(t, log)
}

// sendCanaries sends requests with secrets, and returns the headers and bodies of all answers. It also ends the session.
func sendCanaries(t *testing.T, s *instance, token, refresh string) string {
	t.Helper()
	form, asJSON := "application/x-www-form-urlencoded", "application/json"
	requests := []struct{ method, path, authorization, mediaType, body string }{
		{"POST", "/login?password=" + canaryQuery, "", form, "username=ada%40example.com&password=" + canaryWrong},
		{"POST", "/login", "", form, "username=ada%40example.com&password=" + canaryWrong},
		{"POST", "/login", "", form, "username=nobody%40example.com&password=" + canaryWrong},
		{"POST", "/login", "", form, "username=" + canaryBody + "&password=" + canaryWrong + "&password=" + canaryBody},
		{"POST", "/login", "", form, "grant_type=" + canaryBody + "&username=%zz" + canaryBody},
		{"POST", "/login", "", asJSON, `{"username": "ada@example.com", "password": "` + canaryPassword + `"}`},
		{"POST", "/login", "", "text/" + canaryHeader, canaryBody},
		{"POST", "/users", "", asJSON, `{"email": "ada@example.com", "password": "` + canaryPassword + `"}`},
		{"POST", "/users", "", asJSON, `{"email": "` + canaryBody + `", "password": "` + canaryWrong + `"}`},
		{"POST", "/users", "", asJSON, `{"email": 7, "password": ["` + canaryBody + `"], "secret": "` + canaryBody + `"}`},
		{"POST", "/users", "", asJSON, `{"email": "x@example.com", "password": "` + canaryBody + `\u0000"}`},
		{"POST", "/users", "", asJSON, `{"password": "` + canaryPassword + `" ` + canaryBody},
		{"POST", "/users", "", asJSON, `"` + canaryBody + `"`},
		{"POST", "/users?token=" + canaryQuery, "", asJSON, `{}`},
		{"GET", "/users/me", "Bearer " + token + "x", "", ""},
		{"GET", "/users/me", "Bearer " + canaryHeader, "", ""},
		{"GET", "/users/me", "Basic " + canaryHeader, "", ""},
		{"GET", "/users/me", canaryHeader, "", ""},
		{"GET", "/users/me?access_token=" + token, "", "", ""},
		{"GET", "/users/me", "Bearer " + token, "", ""},
		{"POST", "/posts", "Bearer " + token, asJSON, `{"title": 1, "content": {"a": "` + canaryBody + `"}}`},
		{"POST", "/posts", "Bearer " + token, canaryHeader, canaryBody},
		{"POST", "/posts", "Bearer " + canaryHeader, asJSON, `{"title": "` + canaryBody + `", "content": "` + canaryBody + `"}`},
		{"POST", "/token", "", form, "grant_type=refresh_token&refresh_token=" + canaryBody},
		{"POST", "/token", "", form, "grant_type=refresh_token&refresh_token=" + token},
		{"POST", "/token", "", form, "grant_type=refresh_token&refresh_token=x" + refresh},
		{"POST", "/token", "", form, "grant_type=" + canaryBody + "&scope=" + canaryBody + "&client_secret=" + canaryBody},
		{"POST", "/token", "Basic " + canaryHeader, form, "grant_type=password&username=nobody%40example.com&password=" + canaryWrong},
		{"POST", "/token?refresh_token=" + refresh, "", form, ""},
		{"POST", "/logout", "", form, "refresh_token=" + canaryBody},
		{"POST", "/logout", "Bearer " + canaryHeader, form, "refresh_token=" + canaryBody + "&refresh_token=" + canaryBody},
		{"PUT", "/users/me/password", "Bearer " + token, asJSON, `{"current_password": "` + canaryWrong + `", "new_password": "` + canaryPassword + `-2"}`},
		{"PUT", "/users/me/password", "Bearer " + token, asJSON, `{"current_password": "` + canaryPassword + `", "new_password": "` + canaryBody + `\u0000"}`},
		{"PUT", "/users/me/password", "Bearer " + token, asJSON, `{"current_password": ["` + canaryBody + `"], "x": "` + canaryBody + `"}`},
		{"PATCH", "/users/me", "Bearer " + token, "application/merge-patch+json", `{"name": {"a": "` + canaryBody + `"}}`},
		{"DELETE", "/sessions/" + canaryPath, "Bearer " + token, "", ""},
		{"GET", "/sessions", "Bearer " + canaryHeader, "", ""},
		{"GET", "/sessions", "Bearer " + refresh, "", ""},
		{"GET", "/posts?cursor=" + canaryQuery, "", "", ""},
		{"GET", "/posts?limit=" + canaryQuery + "&limit=2", "", "", ""},
		{"GET", "/posts/" + canaryPath, "", "", ""},
		{"GET", "/" + canaryPath + "?" + canaryQuery, "Bearer " + token, "", ""},
		{"GET", "/posts/%zz" + canaryPath, "", "", ""},
		{"DELETE", "/posts", "Bearer " + token, "", ""},
		{"CANARYZEBRA", "/posts", "Bearer " + token, "", ""},
		{"PUT", "/users/me/password", "Bearer " + token, asJSON, `{"current_password": "` + canaryPassword + `", "new_password": "` + canaryPassword + `-2"}`},
		{"POST", "/logout", "", form, "refresh_token=" + refresh},
		{"GET", "/users/me", "Bearer " + token, "", ""},
	}
	httpClient := resttest.NewClient(t)
	var all strings.Builder
	for i, r := range requests {
		request, err := http.NewRequest(r.method, s.url, strings.NewReader(r.body))
		require.NoError(t, err)
		path, query, _ := strings.Cut(r.path, "?")
		request.URL.Path, request.URL.RawQuery = path, query
		request.Header.Set("Referer", "https://x.example/"+canaryHeader)
		request.Header.Set("Cookie", "session="+canaryHeader)
		request.Header.Set("X-Request-Id", "canary header\t"+canaryHeader)
		request.Header.Set("X-Forwarded-For", canaryHeader)
		for name, value := range map[string]string{"Authorization": r.authorization, "Content-Type": r.mediaType} {
			if value != "" {
				request.Header.Set(name, value)
			}
		}
		answer, err := httpClient.Do(request)
		require.NoError(t, err)
		body, err := io.ReadAll(answer.Body)
		require.NoError(t, err)
		require.Less(t, answer.StatusCode, 500, "request %d: %s", i, body)
		_, _ = fmt.Fprintf(&all, "%d %v\n%s\n", answer.StatusCode, answer.Header, body)
	}
	return all.String()
}

// requireAuditable checks that each line of the log is a JSON object, and that requests and security events have their
// attributes.
func requireAuditable(t *testing.T, log string) {
	t.Helper()
	var failedLogins, acceptedLogins, refusedTokens, callers int
	events := map[string]int{}
	for _, line := range strings.Split(strings.TrimSuffix(log, "\n"), "\n") {
		var entry struct {
			Msg, Operation, IP, Event string
			RequestID                 string `json:"request_id"`
			TraceID                   string `json:"trace_id"`
			SessionID                 string `json:"session_id"`
			Status                    int
			Caller                    int64
			UserID                    int64 `json:"user_id"`
		}
		require.NoError(t, json.Unmarshal([]byte(line), &entry), line)
		if entry.Msg != "request" && entry.Msg != "security event" {
			continue
		}
		require.NotEmpty(t, entry.RequestID, line)
		require.Regexp(t, "^[0-9a-f]{32}$", entry.TraceID, line)
		require.Equal(t, "127.0.0.1", entry.IP, line)
		if entry.Event != "" {
			events[fmt.Sprintf("%s of %d", entry.Event, entry.UserID)]++
			continue
		}
		switch {
		case entry.Operation == "Login" && entry.Status == 403:
			failedLogins++
		case entry.Operation == "Login" && entry.Status == 200:
			acceptedLogins++
		case entry.Status == 401:
			refusedTokens++
		}
		if entry.Caller == 1 {
			callers++
		}
	}
	require.Equal(t, 2, failedLogins)
	require.Equal(t, 1, acceptedLogins)
	require.Equal(t, 9, refusedTokens)
	require.Equal(t, map[string]int{
		"login_succeeded of 1": 1, "login_failed of 1": 2, "login_failed of 0": 2, "password_changed of 1": 1, "session_ended of 1": 1,
	}, events)
	require.Positive(t, callers)
}
