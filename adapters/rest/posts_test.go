package rest_test

import (
	"fmt"
	"net/http"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/api"
)

func TestHeadMatchesGet(t *testing.T) {
	t.Parallel()
	s := newService(t)
	_, auth := s.signUp(adaEmail)
	s.createPost(auth, api.PostInput{Title: "t", Content: "c"})
	read, head := s.send("GET", "/posts/1", ""), s.send("HEAD", "/posts/1", "")
	require.Equal(t, http.StatusOK, head.StatusCode)
	require.Empty(t, head.body)
	require.EqualValues(t, len(read.body), head.ContentLength)
	require.Equal(t, read.Header.Get("ETag"), head.Header.Get("ETag"))
}

var linkPattern = regexp.MustCompile(`<([^>]+)>; rel="(\w+)"`)

// links returns the targets of the Link header by relation.
func links(a answer) map[string]string {
	found := map[string]string{}
	for _, m := range linkPattern.FindAllStringSubmatch(a.Header.Get("Link"), -1) {
		found[m[2]] = m[1]
	}
	return found
}

func TestPagination(t *testing.T) {
	t.Parallel()
	s := newService(t)
	_, auth := s.signUp(adaEmail)
	for i := range 25 {
		s.createPost(auth, api.PostInput{Title: fmt.Sprint(i + 1), Content: "c"})
		if i%3 == 0 {
			s.clock.Advance(time.Second) // the others share a moment
		}
	}
	page := func(target string) ([]int64, map[string]string) {
		got := s.send("GET", target, "")
		require.Equal(t, http.StatusOK, got.StatusCode, string(got.body))
		var posts api.PostPage
		got.decode(t, &posts)
		var ids []int64
		for _, p := range posts {
			ids = append(ids, p.ID)
		}
		return ids, links(got)
	}
	first, next := page("/posts?limit=10")
	require.Equal(t, []int64{25, 24, 23, 22, 21, 20, 19, 18, 17, 16}, first)
	require.NotContains(t, next, "prev")
	require.Regexp(t, `^/posts\?cursor=[A-Za-z0-9_-]+&limit=10$`, next["next"], "a relative target does not depend on Host or proxy headers")

	s.createPost(auth, api.PostInput{Title: "newer", Content: "c"}) // must not shift the pages
	second, around := page(next["next"])
	require.Equal(t, []int64{15, 14, 13, 12, 11, 10, 9, 8, 7, 6}, second)
	third, last := page(around["next"])
	require.Equal(t, []int64{5, 4, 3, 2, 1}, third)
	require.NotContains(t, last, "next")

	back, _ := page(last["prev"])
	require.Equal(t, second, back)
	back, edge := page(around["prev"])
	require.Equal(t, first, back)
	require.Contains(t, edge, "prev", "there is a newer post now")

	ids, _ := page("/posts")
	require.Len(t, ids, 20, "the default")
	ids, _ = page("/posts?limit=100")
	require.Len(t, ids, 26)
}
