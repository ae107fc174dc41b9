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

func TestPostLifecycle(t *testing.T) {
	t.Parallel()
	s := newService(t)
	ada, auth := s.signUp(adaEmail)

	created := s.sendJSON("POST", "/posts/", `{"title":"Hello","content":"World"}`, auth...)
	require.Equal(t, http.StatusCreated, created.StatusCode)
	require.Equal(t, "/posts/1", created.Header.Get("Location"))
	require.JSONEq(t, `{"id":1,"title":"Hello","content":"World","published":true,"owner_id":1,"owner":{"id":1,"name":null},"votes":0,"version":1,
		"created_at":"2026-11-24T09:30:00.123456Z","updated_at":"2026-11-24T09:30:00.123456Z","published_at":"2026-11-24T09:30:00.123456Z"}`, string(created.body))

	s.clock.Advance(time.Minute)
	updated := s.sendJSON("PUT", "/posts/1", `{"title":"Hello","content":"again","published":true}`, auth...)
	require.Equal(t, http.StatusOK, updated.StatusCode)
	var post api.Post
	updated.decode(t, &post)
	require.EqualValues(t, 2, post.Version)
	require.Equal(t, time.Minute, post.UpdatedAt.Time.Sub(post.CreatedAt.Time))
	require.Equal(t, post.CreatedAt, *post.PublishedAt)
	require.Equal(t, ada.ID, post.OwnerID)

	read := s.send("GET", "/posts/1", "")
	require.Equal(t, updated.body, read.body)
	head := s.send("HEAD", "/posts/1", "")
	require.Equal(t, http.StatusOK, head.StatusCode)
	require.Empty(t, head.body)
	require.EqualValues(t, len(read.body), head.ContentLength)

	deleted := s.send("DELETE", "/posts/1", "", auth...)
	require.Equal(t, http.StatusNoContent, deleted.StatusCode)
	require.Empty(t, deleted.body)
	require.Equal(t, api.ProblemCodePostNotFound, s.send("GET", "/posts/1", "").problem.Code)
	require.Equal(t, http.StatusNotFound, s.send("DELETE", "/posts/1", "", auth...).StatusCode)
}

func TestDraftsAreInNoList(t *testing.T) {
	t.Parallel()
	s := newService(t)
	_, auth := s.signUp(adaEmail)
	no := false
	draft := s.createPost(auth, api.PostInput{Title: "draft", Content: "c", Published: &no})
	require.Nil(t, draft.PublishedAt)
	require.JSONEq(t, "[]", string(s.send("GET", "/posts", "", auth...).body))
	var published, hidden api.Post
	s.sendJSON("PUT", "/posts/1", `{"title":"t","content":"c"}`, auth...).decode(t, &published)
	require.Equal(t, s.clock.Now(), published.PublishedAt.Time)
	s.clock.Advance(time.Minute)
	s.sendJSON("PUT", "/posts/1", `{"title":"t","content":"c","published":false}`, auth...).decode(t, &hidden)
	require.Nil(t, hidden.PublishedAt)
	require.JSONEq(t, "[]", string(s.send("GET", "/posts", "").body))
}

var linkPattern = regexp.MustCompile(`<([^>]+)>; rel="(\w+)"`)

// links returns the targets of a Link field by relation.
func links(a answer) map[string]string {
	found := map[string]string{}
	for _, m := range linkPattern.FindAllStringSubmatch(a.Header.Get("Link"), -1) {
		found[m[2]] = m[1]
	}
	return found
}

func TestPagesByLink(t *testing.T) {
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
	require.Regexp(t, `^/posts\?cursor=[A-Za-z0-9_-]+&limit=10$`, next["next"], "relative: no Host or proxy header can steer it")

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
	require.Contains(t, edge, "prev", "a newer post came")

	ids, _ := page("/posts")
	require.Len(t, ids, 20, "the default")
	ids, _ = page("/posts?limit=100")
	require.Len(t, ids, 26)
}
