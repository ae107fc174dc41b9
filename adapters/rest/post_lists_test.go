package rest_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/api"
)

// follow reads all pages of a list by following the links of one relation.
func (s *service) follow(target, rel string, auth ...string) (ids []int64) {
	s.t.Helper()
	for target != "" {
		got := s.send("GET", target, "", auth...)
		require.Equal(s.t, http.StatusOK, got.StatusCode, string(got.body))
		ids = append(ids, s.postIDs(target, auth...)...)
		target = links(got)[rel]
	}
	return ids
}

func TestListsAreFiltered(t *testing.T) {
	t.Parallel()
	s := newService(t)
	_, ada := s.signUp(adaEmail)
	_, bob := s.signUp("bob@example.com")
	for i := range 12 {
		s.createPost([][]string{ada, bob}[i%2], api.PostInput{Title: fmt.Sprintf("Post %d", i+1), Content: "Ünïcode, by\nline"})
		s.clock.Advance(time.Second)
	}
	at := func(second int) string {
		return url.QueryEscape(s.clock.Now().Add(time.Duration(second-12) * time.Second).Format(time.RFC3339Nano))
	}
	for query, want := range map[string][]int64{
		"author=1&limit=2":                      {11, 9, 7, 5, 3, 1},
		"author=2&order=oldest&limit=4":         {2, 4, 6, 8, 10, 12},
		"author=99":                             nil,
		"order=newest&limit=5":                  {12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1},
		"order=oldest&limit=5":                  {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12},
		"published_after=" + at(9) + "&limit=2": {12, 11, 10},
		"published_before=" + at(3):             {3, 2, 1},
		"published_after=" + at(3) + "&published_before=" + at(5) + "&order=oldest&limit=1": {4, 5},
		"published_after=" + at(5) + "&published_before=" + at(3):                           nil,
		"search=unicode&limit=5":                {12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1},
		"search=post+7":                         {7},
		"search=%22by+LINE%22&author=1":         {11, 9, 7, 5, 3, 1},
		"search=%22line+by%22":                  nil,
		"search=1*&order=oldest&limit=1":        {1, 10, 11, 12},
		"search=post&published_before=" + at(2): {2, 1},
	} {
		require.Equal(t, want, s.follow("/posts?"+query, "next"), query)
	}
	last := s.send("GET", "/posts?order=oldest&limit=5", "")
	for links(last)["next"] != "" {
		last = s.send("GET", links(last)["next"], "")
	}
	require.Equal(t, []int64{6, 7, 8, 9, 10, 1, 2, 3, 4, 5}, s.follow(links(last)["prev"], "prev"))
}

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
