package rest_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/postern/api"
)

// TestPostsSayWhetherTheCallerVotes reads a post as a voter, as its owner and without a token, in every list. The three
// representations differ, so their entity tags do.
func TestPostsSayWhetherTheCallerVotes(t *testing.T) {
	t.Parallel()
	s := newService(t)
	_, ada := s.signUp(adaEmail)
	_, bob := s.signUp("bob@example.com")
	post := s.createPost(ada, api.PostInput{Title: "word", Content: "c"})
	require.Equal(t, new(false), post.Voted)
	path := fmt.Sprintf("/posts/%d", post.ID)
	require.Equal(t, http.StatusNoContent, s.send("PUT", path+"/vote", "", bob...).StatusCode)
	var tags []string
	for _, c := range []struct {
		name string
		auth []string
		want *bool
	}{{"voter", bob, new(true)}, {"owner", ada, new(false)}, {"anonymous", nil, nil}} {
		one := s.send("GET", path, "", c.auth...)
		var seen api.Post
		one.decode(t, &seen)
		require.Equal(t, c.want, seen.Voted, c.name)
		require.Equal(t, c.want != nil, slices.Contains(membersOf(t, one), "voted"), c.name)
		require.Equal(t, seen.ETag, one.Header.Get("ETag"))
		require.Equal(t, "no-cache", one.Header.Get("Cache-Control"))
		require.NotContains(t, tags, seen.ETag, c.name)
		tags = append(tags, seen.ETag)
		for _, target := range []string{"/posts", "/posts?order=oldest", fmt.Sprintf("/posts?author=%d", post.OwnerID), "/posts?search=word"} {
			list := s.send("GET", target, "", c.auth...)
			require.Equal(t, []string{"Authorization"}, list.Header.Values("Vary"))
			require.Equal(t, "no-store", list.Header.Get("Cache-Control"))
			var page api.PostPage
			list.decode(t, &page)
			require.Equal(t, api.PostPage{seen}, page, "%s %s", c.name, target)
		}
	}
	for i, auth := range [][]string{bob, ada, nil} {
		for j, tag := range tags {
			status := s.send("GET", path, "", append([]string{"If-None-Match", tag}, auth...)...).StatusCode
			require.Equal(t, i == j, status == http.StatusNotModified, "caller %d, tag %d", i, j)
		}
	}
}

// TestAnswersToTheOwnerSayWhetherTheOwnerVotes covers the list of one's own posts and the answers to writes.
func TestAnswersToTheOwnerSayWhetherTheOwnerVotes(t *testing.T) {
	t.Parallel()
	s := newService(t)
	_, ada := s.signUp(adaEmail)
	post := s.createPost(ada, api.PostInput{Title: "t", Content: "c"})
	path := fmt.Sprintf("/posts/%d", post.ID)
	for method, want := range map[string]bool{"PUT": true, "DELETE": false} {
		require.Equal(t, http.StatusNoContent, s.send(method, path+"/vote", "", ada...).StatusCode)
		for what, got := range map[string]answer{
			"PUT":         s.sendJSON("PUT", path, `{"title":"t","content":"c"}`, ada...),
			"PATCH":       s.patch(post.ID, `{"title":"u"}`, ada...),
			"empty PATCH": s.patch(post.ID, `{}`, ada...),
			"GET":         s.send("GET", path, "", ada...),
		} {
			var seen api.Post
			got.decode(t, &seen)
			require.Equal(t, &want, seen.Voted, what)
		}
		var page api.PostPage
		s.send("GET", "/users/me/posts", "", ada...).decode(t, &page)
		require.Equal(t, &want, page[0].Voted)
	}
}

// TestAReplaySaysWhatTheFirstAnswerSaid repeats a request after the author has voted.
func TestAReplaySaysWhatTheFirstAnswerSaid(t *testing.T) {
	t.Parallel()
	s := newService(t)
	_, ada := s.signUp(adaEmail)
	create := func() answer {
		return s.sendJSON("POST", "/posts", `{"title":"t","content":"c"}`, append([]string{"Idempotency-Key", "k"}, ada...)...)
	}
	first := create()
	require.Equal(t, http.StatusNoContent, s.send("PUT", first.Header.Get("Location")+"/vote", "", ada...).StatusCode)
	again := create()
	require.Equal(t, "true", again.Header.Get("Idempotency-Replayed"))
	require.Equal(t, string(first.body), string(again.body))
	require.Contains(t, string(again.body), `"voted":false`)
	require.Equal(t, first.Header.Get("ETag"), again.Header.Get("ETag"))
}

// TestAListRefusesABadToken checks the optional token of a list.
func TestAListRefusesABadToken(t *testing.T) {
	t.Parallel()
	s := newService(t)
	refused := s.send("GET", "/posts", "", "Authorization", "Bearer x")
	require.Equal(t, http.StatusUnauthorized, refused.StatusCode)
	require.Equal(t, api.ProblemCodeInvalidToken, refused.problem.Code)
	require.Equal(t, http.StatusUnauthorized, s.send("GET", "/posts?limit=0", "", "Authorization", "Bearer x").StatusCode, "401 comes before 422")
	require.Equal(t, http.StatusOK, s.send("GET", "/posts", "", "Authorization", "Basic x").StatusCode, "another scheme counts as none")
}

func membersOf(t *testing.T, a answer) []string {
	t.Helper()
	var members map[string]any
	a.decode(t, &members)
	var names []string
	for name := range members {
		names = append(names, name)
	}
	return names
}
