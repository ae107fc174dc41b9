package rest_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/postern/api"
)

func TestInvalidListParameters(t *testing.T) {
	t.Parallel()
	s := newService(t)
	_, auth := s.signUp(adaEmail)
	for query, field := range map[string]string{
		"search=" + strings.Repeat("x", 1001):   "query search max_length",
		"published_before=2026-02-03T00:00:00":  "query published_before format",
		"published_before=2026-02-03T24:00:00Z": "query published_before format",
		"order=newest&order=oldest":             "query order repeated",
		"published=true":                        "query published unknown",
	} {
		got := s.send("GET", "/posts?"+query, "")
		require.Equal(t, http.StatusUnprocessableEntity, got.StatusCode, query)
		require.Equal(t, []string{field}, got.fields(), query)
	}
	for query, field := range map[string]string{
		"published=1": "query published type", "published=": "query published type",
	} {
		require.Equal(t, []string{field}, s.send("GET", "/users/me/posts?"+query, "", auth...).fields(), query)
	}
}

// TestCursorsAreBoundToTheirList uses the cursor of each list in all others.
func TestCursorsAreBoundToTheirList(t *testing.T) {
	t.Parallel()
	s := newService(t)
	_, ada := s.signUp(adaEmail)
	_, bob := s.signUp("bob@example.com")
	for range 3 {
		s.createPost(ada, api.PostInput{Title: "t", Content: "c"})
		s.createPost(bob, api.PostInput{Title: "t", Content: "c"})
	}
	cursor := func(target string, auth ...string) string {
		next, err := url.Parse(links(s.send("GET", target, "", auth...))["next"])
		require.NoError(t, err)
		require.NotEmpty(t, next.Query().Get("cursor"), target)
		return next.Query().Get("cursor")
	}
	lists := []string{"/posts?limit=1", "/posts?limit=1&author=1", "/posts?limit=1&order=oldest", "/posts?limit=1&search=t",
		"/posts?limit=1&published_after=2000-01-01T00:00:00Z", "/users/me/posts?limit=1", "/users/me/posts?limit=1&published=true"}
	for _, from := range lists {
		taken := cursor(from, ada...)
		for _, to := range lists {
			got := s.send("GET", to+"&cursor="+taken, "", ada...)
			if from == to {
				require.Equal(t, http.StatusOK, got.StatusCode)
			} else {
				require.Equal(t, []string{"query cursor format"}, got.fields(), "%s in %s", from, to)
			}
		}
	}
	own := cursor("/users/me/posts?limit=1", ada...)
	require.Equal(t, http.StatusUnprocessableEntity, s.send("GET", "/users/me/posts?limit=1&cursor="+own, "", bob...).StatusCode)
	plain := cursor("/posts?limit=1")
	require.Equal(t, http.StatusOK, s.send("GET", "/posts?limit=2&order=newest&cursor="+plain, "").StatusCode, "the limit may change")
}
