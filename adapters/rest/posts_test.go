package rest_test

import (
	"net/http"
	"regexp"
	"testing"

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

func TestPagesAreLinked(t *testing.T) {
	t.Parallel()
	s := newService(t)
	_, auth := s.signUp(adaEmail)
	for range 21 {
		s.createPost(auth, api.PostInput{Title: "t", Content: "c"})
	}
	first := links(s.send("GET", "/posts?limit=20", ""))
	require.NotContains(t, first, "prev")
	require.Regexp(t, `^/posts\?cursor=[A-Za-z0-9_-]+&limit=20$`, first["next"], "a relative target does not depend on Host or proxy headers")
	require.NotContains(t, links(s.send("GET", first["next"], "")), "next")
	require.Len(t, s.postIDs("/posts"), 20, "the default")
	require.Len(t, s.postIDs("/posts?limit=100"), 21)
}
