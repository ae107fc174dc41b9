package main

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/postern/adapters/rest/resttest"
)

func TestWritesPastTheLimitAreRefused(t *testing.T) {
	t.Parallel()
	s := launch(t, map[string]string{"POSTERN_WRITES_BURST": "2", "POSTERN_WRITES_PER_MINUTE": "1"})
	token, client := s.signUp(t, ada).AccessToken, resttest.NewClient(t)
	send := func(method, path, body string, header ...string) *http.Response {
		request, err := http.NewRequestWithContext(t.Context(), method, s.url+path, strings.NewReader(body))
		require.NoError(t, err)
		request.Header.Set("Authorization", "Bearer "+token)
		if body != "" {
			request.Header.Set("Content-Type", "application/json")
		}
		for i := 0; i < len(header); i += 2 {
			request.Header.Set(header[i], header[i+1])
		}
		answer, err := client.Do(request)
		require.NoError(t, err)
		require.NoError(t, answer.Body.Close())
		return answer
	}
	for range 5 {
		require.Equal(t, http.StatusUnprocessableEntity, send("POST", "/posts", `{}`).StatusCode, "a refused write is not counted")
	}
	require.Equal(t, http.StatusCreated, send("POST", "/posts", `{"title":"A","content":"B"}`).StatusCode)
	require.Equal(t, http.StatusOK, send("PATCH", "/users/me", `{"name":"Ada"}`).StatusCode)
	for _, refused := range []*http.Response{
		send("POST", "/posts", `{"title":"A","content":"B"}`),
		send("PUT", "/posts/1", `{"title":"A","content":"B"}`, "If-Match", `"7-x"`),
		send("PATCH", "/posts/1", `{"title":"A"}`, "Content-Type", "application/merge-patch+json"),
		send("PATCH", "/posts/9", `{"title":"A"}`, "Content-Type", "application/merge-patch+json", "If-None-Match", "*"),
		send("DELETE", "/posts/9", ""),
		send("PUT", "/posts/9/vote", ""),
		send("DELETE", "/posts/9/vote", ""),
		send("PATCH", "/users/me", `{"name":"Ada"}`),
	} {
		require.Equal(t, http.StatusTooManyRequests, refused.StatusCode, refused.Request.Method+" "+refused.Request.URL.Path)
		require.Regexp(t, `^([1-9]|[1-5][0-9]|60)$`, refused.Header.Get("Retry-After"))
		require.Regexp(t, `^"writes";r=0;t=[1-9][0-9]?$`, refused.Header.Get("RateLimit"))
		require.Equal(t, `"writes";q=1;w=60`, refused.Header.Get("RateLimit-Policy"))
	}
	require.Equal(t, http.StatusUnprocessableEntity, send("POST", "/posts", `{}`).StatusCode, "an invalid input is reported first")
	require.Equal(t, http.StatusOK, send("GET", "/posts/1", "").StatusCode)
}
