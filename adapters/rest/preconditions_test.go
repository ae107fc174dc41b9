package rest_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/postern/api"
)

// rewrites lists how compressing proxies change an entity tag.
var rewrites = map[string]func(tag string) string{
	"nginx":                  func(tag string) string { return "W/" + tag },
	"Apache":                 func(tag string) string { return strings.TrimSuffix(tag, `"`) + `-gzip"` },
	"Apache, then nginx":     func(tag string) string { return "W/" + strings.TrimSuffix(tag, `"`) + `-gzip"` },
	"Apache with Brotli":     func(tag string) string { return strings.TrimSuffix(tag, `"`) + `-br"` },
	"Jetty":                  func(tag string) string { return strings.TrimSuffix(tag, `"`) + `--gzip"` },
	"a semicolon":            func(tag string) string { return strings.TrimSuffix(tag, `"`) + `;gzip"` },
	"Zstandard with a colon": func(tag string) string { return strings.TrimSuffix(tag, `"`) + `:zstd"` },
}

func TestEntityTagsSurviveCompressingProxies(t *testing.T) {
	t.Parallel()
	for name, rewrite := range rewrites {
		t.Run(name, func(t *testing.T) {
			s := newService(t)
			_, auth := s.signUp(adaEmail)
			_, bob := s.signUp("bob@example.com")
			s.createPost(auth, api.PostInput{Title: "t", Content: "c"})
			with := func(condition, tag string) []string { return append([]string{condition, tag}, auth...) }

			read := rewrite(s.send("GET", "/posts/1", "").Header.Get("ETag"))
			unchanged := s.send("GET", "/posts/1", "", "If-None-Match", read)
			require.Equal(t, http.StatusNotModified, unchanged.StatusCode, read)
			require.Equal(t, http.StatusNoContent, s.send("PUT", "/posts/1/vote", "", bob...).StatusCode)
			require.Equal(t, http.StatusOK, s.send("GET", "/posts/1", "", "If-None-Match", read).StatusCode, "a vote changes the representation")

			put := s.sendJSON("PUT", "/posts/1", `{"title":"t","content":"new"}`, with("If-Match", read)...)
			require.Equal(t, http.StatusOK, put.StatusCode, "a vote does not break an edit: %s", read)
			stale := s.sendJSON("PUT", "/posts/1", `{"title":"t","content":"lost"}`, with("If-Match", read)...)
			require.Equal(t, http.StatusPreconditionFailed, stale.StatusCode)
			patched := s.patch(1, `{"title":"n"}`, with("If-Match", rewrite(put.Header.Get("ETag")))...)
			require.Equal(t, http.StatusOK, patched.StatusCode)
			deleted := s.send("DELETE", "/posts/1", "", with("If-Match", rewrite(patched.Header.Get("ETag")))...)
			require.Equal(t, http.StatusNoContent, deleted.StatusCode)
		})
	}
}

// TestWritesWithIfNoneMatch: a write fails if the current entity tag is listed (RFC 9110, section 13.1.2).
func TestWritesWithIfNoneMatch(t *testing.T) {
	t.Parallel()
	s := newService(t)
	_, auth := s.signUp(adaEmail)
	_, bob := s.signUp("bob@example.com")
	s.createPost(auth, api.PostInput{Title: "t", Content: "c"})
	first := s.send("GET", "/posts/1", "", auth...).Header.Get("ETag")
	methods := map[string]func(id int64, header ...string) answer{
		"PUT": func(id int64, header ...string) answer {
			return s.sendJSON("PUT", fmt.Sprintf("/posts/%d", id), `{"title":"t","content":"new"}`, header...)
		},
		"PATCH": func(id int64, header ...string) answer { return s.patch(id, `{"title":"x"}`, header...) },
		"DELETE": func(id int64, header ...string) answer {
			return s.send("DELETE", fmt.Sprintf("/posts/%d", id), "", header...)
		},
	}
	for method, send := range methods {
		for _, condition := range []string{"*", first, "W/" + first, `"other", ` + first} {
			got := send(1, append([]string{"If-None-Match", condition}, auth...)...)
			require.Equal(t, http.StatusPreconditionFailed, got.StatusCode, "%s %s", method, condition)
			require.Equal(t, api.ProblemCodePreconditionFailed, got.problem.Code)
		}
		require.Equal(t, http.StatusForbidden, send(1, append([]string{"If-None-Match", "*"}, bob...)...).StatusCode, "403 comes before 412")
		require.Equal(t, http.StatusNotFound, send(9, append([]string{"If-None-Match", "*"}, auth...)...).StatusCode, "404 comes before 412")
		require.Equal(t, []string{"header If-None-Match format"}, send(1, append([]string{"If-None-Match", "x"}, auth...)...).fields())
		both := send(1, append([]string{"If-Match", first, "If-None-Match", "*"}, auth...)...)
		require.Equal(t, http.StatusPreconditionFailed, both.StatusCode, "both conditions must hold")
	}
	require.Equal(t, first, s.send("GET", "/posts/1", "", auth...).Header.Get("ETag"), "nothing was written")
	for _, method := range []string{"PATCH", "PUT", "DELETE"} {
		got := methods[method](1, append([]string{"If-None-Match", `"other"`}, auth...)...)
		require.Equal(t, 2, got.StatusCode/100, "%s: %s", method, got.body)
	}
}

func TestMalformedConditionsOnReadsAreIgnored(t *testing.T) {
	t.Parallel()
	s := newService(t)
	_, auth := s.signUp(adaEmail)
	s.createPost(auth, api.PostInput{Title: "t", Content: "c"})
	for _, condition := range []string{"", "x", `"open`, "W/", `*, "a"`, ",", `w/"a"`, "\"\xe9\"", "é", strings.Repeat(`"a", `, 2000) + `"b"`} {
		require.Equal(t, http.StatusOK, s.send("GET", "/posts/1", "", "If-None-Match", condition).StatusCode, condition)
	}
}

// TestWritesWithoutAnETag: If-Match with a tag fails if the resource has no entity tag (RFC 9110, section 13.1.1).
func TestWritesWithoutAnETag(t *testing.T) {
	t.Parallel()
	s := newService(t)
	checked := 0
	for _, op := range contractOperations(t) {
		if op.method == "GET" || op.Parameters.GetByInAndName("header", "If-Match") != nil {
			continue
		}
		checked++
		_, auth := s.signUp(fmt.Sprintf("ada%d@example.com", checked))
		header := append(append([]string{}, auth...), op.exampleHeader...)
		for _, condition := range []string{`"x"`, `W/"x"`, `"1-4c6jRrXGdMMNzyIPoSHYCg"`, "x", ""} {
			got := s.send(op.method, op.exampleTarget, op.exampleBody, append([]string{"If-Match", condition}, header...)...)
			require.Equal(t, http.StatusPreconditionFailed, got.StatusCode, "%s %s", op.OperationID, condition)
			require.Equal(t, api.ProblemCodePreconditionFailed, got.problem.Code)
		}
		if op.method != "POST" {
			require.Equal(t, http.StatusOK, s.send("GET", "/users/me", "", auth...).StatusCode, "%s did nothing", op.OperationID)
		}
		any := s.send(op.method, op.exampleTarget, op.exampleBody, append([]string{"If-Match", "*"}, header...)...)
		require.NotEqual(t, http.StatusPreconditionFailed, any.StatusCode, op.OperationID)
	}
	require.GreaterOrEqual(t, checked, 12)

	_, auth := s.signUp("eve@example.com")
	for _, method := range []string{"DELETE", "PATCH"} {
		header := append([]string{"If-None-Match", "*", "Content-Type", "application/merge-patch+json"}, auth...)
		got := s.send(method, "/users/me", `{"name":"Eve"}`, header...)
		require.Equal(t, http.StatusPreconditionFailed, got.StatusCode, "there is an account: %s", method)
	}
	require.Equal(t, http.StatusUnauthorized, s.send("DELETE", "/users/me", "", "If-Match", `"x"`).StatusCode, "401 comes before 412")
	require.Equal(t, http.StatusNoContent, s.send("DELETE", "/users/me", "", append([]string{"If-Match", "*"}, auth...)...).StatusCode)
}

func TestDocumentsAreConditional(t *testing.T) {
	t.Parallel()
	s := newService(t)
	for _, target := range []string{"/openapi.json", "/openapi.yaml", "/docs", "/docs/page.js", "/docs/swagger-ui.css"} {
		tag := s.send("GET", target, "").Header.Get("ETag")
		for condition, status := range map[string]int{
			tag: 304, "*": 304, "W/" + tag: 304, `"other", ` + tag: 304, strings.TrimSuffix(tag, `"`) + `-gzip"`: 304,
			`"other"`: 200, "": 200, "x" + tag: 200, `"x` + strings.TrimPrefix(tag, `"`): 200,
		} {
			require.Equal(t, status, s.send("GET", target, "", "If-None-Match", condition).StatusCode, "%s %s", target, condition)
		}
		require.Equal(t, http.StatusNotModified, s.send("GET", target, "", "If-None-Match", `"other"`, "If-None-Match", tag).StatusCode)
		require.Equal(t, http.StatusNotModified, s.send("HEAD", target, "", "If-None-Match", "*").StatusCode)
	}
}
