package rest_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/postern/api"
)

func TestReadsAreConditional(t *testing.T) {
	t.Parallel()
	s := newService(t)
	_, auth := s.signUp(adaEmail)
	s.createPost(auth, api.PostInput{Title: "t", Content: "c"})
	draft := s.createPost(auth, api.PostInput{Title: "t", Content: "c", Published: new(false)})
	first := s.send("GET", "/posts/1", "")
	etag := first.Header.Get("ETag")
	require.Regexp(t, `^"1-[A-Za-z0-9_-]{22}"$`, etag)
	require.Equal(t, "no-cache", first.Header.Get("Cache-Control"))
	require.Equal(t, "Authorization", first.Header.Get("Vary"))
	require.NotEqual(t, etag, s.send("GET", "/posts/1", "", auth...).Header.Get("ETag"), "with a token there is a member more")
	require.Equal(t, "private, no-store", s.send("GET", fmt.Sprintf("/posts/%d", draft.ID), "", auth...).Header.Get("Cache-Control"))
	for condition, status := range map[string]int{
		etag: 304, "W/" + etag: 304, "*": 304, `"other", ` + etag: 304, `"a,b",` + etag: 304, ` ,` + etag + `, `: 304,
		`"other"`: 200, `"1-"`: 200, strings.TrimSuffix(etag, `"`) + `-x"`: 200, strings.TrimSuffix(etag, `"`) + `-gzip-gzip"`: 200,
	} {
		got := s.send("GET", "/posts/1", "", "If-None-Match", condition)
		require.Equal(t, status, got.StatusCode, condition)
		if status == http.StatusNotModified {
			require.Empty(t, got.body)
			require.Equal(t, etag, got.Header.Get("ETag"))
		}
	}
	require.Equal(t, http.StatusNoContent, s.send("PUT", "/posts/1/vote", "", auth...).StatusCode)
	voted := s.send("GET", "/posts/1", "", "If-None-Match", etag)
	require.Equal(t, http.StatusOK, voted.StatusCode, "a vote changes the representation")
	require.Regexp(t, `^"1-`, voted.Header.Get("ETag"))
}

func TestWritesAreConditional(t *testing.T) {
	t.Parallel()
	s := newService(t)
	_, auth := s.signUp(adaEmail)
	_, bob := s.signUp("bob@example.com")
	s.createPost(auth, api.PostInput{Title: "t", Content: "c"})
	etag := s.send("GET", "/posts/1", "").Header.Get("ETag")
	require.Equal(t, http.StatusNoContent, s.send("PUT", "/posts/1/vote", "", bob...).StatusCode)
	put := func(condition string) answer {
		return s.sendJSON("PUT", "/posts/1", `{"title":"t","content":"new"}`, append([]string{"If-Match", condition}, auth...)...)
	}
	updated := put(etag)
	require.Equal(t, http.StatusOK, updated.StatusCode, "a vote by another user does not prevent an edit")
	second := updated.Header.Get("ETag")
	require.Regexp(t, `^"2-`, second)
	for condition, status := range map[string]int{
		etag: 412, "W/" + etag: 412, `"x"`: 412, `"2"`: 412, `"99-x"`: 412, `"+2-x"`: 412, `"02-x"`: 412, `"2-"`: 412, `2-x`: 422, ``: 422, `"2-x`: 422,
	} {
		for method, call := range map[string]func() answer{
			"PUT":   func() answer { return put(condition) },
			"PATCH": func() answer { return s.patch(1, `{"title":"x"}`, append([]string{"If-Match", condition}, auth...)...) },
			"DELETE": func() answer {
				return s.send("DELETE", "/posts/1", "", append([]string{"If-Match", condition}, auth...)...)
			},
		} {
			got := call()
			require.Equal(t, status, got.StatusCode, "%s %s", method, condition)
			if status == http.StatusPreconditionFailed {
				require.Equal(t, api.ProblemCodePreconditionFailed, got.problem.Code)
			}
		}
	}
	require.Equal(t, http.StatusForbidden, s.patch(1, `{}`, append([]string{"If-Match", etag}, bob...)...).StatusCode, "403 comes before 412")
	require.Equal(t, http.StatusPreconditionFailed, s.patch(1, `{}`, append([]string{"If-Match", etag, "If-Match", `"x"`}, auth...)...).StatusCode)
	require.Equal(t, http.StatusOK, s.patch(1, `{}`, append([]string{"If-Match", etag, "If-Match", second}, auth...)...).StatusCode, "two header lines form one list")
	second = s.send("GET", "/posts/1", "").Header.Get("ETag")
	patched := s.patch(1, `{}`, append([]string{"If-Match", `"none", ` + second}, auth...)...)
	require.Equal(t, http.StatusOK, patched.StatusCode)
	require.Equal(t, http.StatusOK, put("*").StatusCode)
	last := put("*").Header.Get("ETag")
	require.Equal(t, http.StatusNoContent, s.send("DELETE", "/posts/1", "", append([]string{"If-Match", last}, auth...)...).StatusCode)
	require.Equal(t, http.StatusNotFound, put(last).StatusCode, "404 comes before 412")
}

func TestPatchNamesItsMediaTypes(t *testing.T) {
	t.Parallel()
	s := newService(t)
	_, auth := s.signUp(adaEmail)
	refused := s.send("PATCH", "/posts/1", `{}`, append(auth, "Content-Type", "text/plain")...)
	require.Equal(t, http.StatusUnsupportedMediaType, refused.StatusCode)
	require.Equal(t, "application/json, application/merge-patch+json", refused.Header.Get("Accept-Patch"))
}
