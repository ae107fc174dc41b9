package rest_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/postern/adapters/rest"
	"example.com/postern/adapters/rest/resttest"
	"example.com/postern/api"
)

const origin = "https://app.example.com"

func withOrigin(o *rest.Options) { o.AllowedOrigins = []string{origin} }

func TestCORS(t *testing.T) {
	t.Parallel()
	preflight := []string{"Origin", origin, "Access-Control-Request-Method", "POST", "Access-Control-Request-Headers", "authorization"}
	off := newService(t)
	require.Equal(t, http.StatusMethodNotAllowed, off.send("OPTIONS", "/posts", "", preflight...).StatusCode)
	require.Empty(t, off.send("GET", "/posts", "", "Origin", origin).Header.Get("Access-Control-Allow-Origin"))

	s := newService(t, withOrigin)
	allowed := s.send("OPTIONS", "/posts", "", preflight...)
	require.Equal(t, http.StatusNoContent, allowed.StatusCode)
	require.Equal(t, origin, allowed.Header.Get("Access-Control-Allow-Origin"))
	require.Equal(t, "600", allowed.Header.Get("Access-Control-Max-Age"))
	require.Empty(t, allowed.Header.Get("Access-Control-Allow-Credentials"))
	actual := s.send("GET", "/posts", "", "Origin", origin)
	require.Equal(t, origin, actual.Header.Get("Access-Control-Allow-Origin"))
	require.Contains(t, actual.Header.Values("Vary"), "Origin")
	for _, stranger := range []string{"https://evil.example", origin + ".evil.example", "http://app.example.com", "https://app.example.com:444", "null", "*"} {
		require.Empty(t, s.send("GET", "/posts", "", "Origin", stranger).Header.Get("Access-Control-Allow-Origin"), stranger)
	}
}

// varies returns the names in Vary.
func (a answer) varies() []string {
	var names []string
	for name := range strings.SplitSeq(strings.Join(a.Header.Values("Vary"), ","), ",") {
		names = append(names, strings.TrimSpace(name))
	}
	return names
}

// TestEveryAnswerVariesByOrigin covers all operations and documents.
func TestEveryAnswerVariesByOrigin(t *testing.T) {
	t.Parallel()
	s := newService(t, withOrigin)
	_, auth := s.signUp(adaEmail)
	s.createPost(auth, api.PostInput{Title: "t", Content: "c"})
	etag := s.send("GET", "/posts/1", "").Header.Get("ETag")
	for _, header := range [][]string{nil, {"Origin", origin}, {"Origin", "https://evil.example"}} {
		for _, op := range contractOperations(t) {
			got := s.send(op.method, op.exampleTarget, op.exampleBody, append(header, op.exampleHeader...)...)
			require.Contains(t, got.varies(), "Origin", op.OperationID)
		}
		for _, target := range []string{"/", "/nothing", "/openapi.json", "/docs", "/docs/swagger-ui.css", "//posts"} {
			require.Contains(t, s.send("GET", target, "", header...).varies(), "Origin", target)
		}
		read := s.send("GET", "/posts/1", "", append(header, "If-None-Match", etag)...)
		require.Equal(t, http.StatusNotModified, read.StatusCode)
		require.ElementsMatch(t, []string{"Origin", "Authorization"}, read.varies())
		require.ElementsMatch(t, []string{"Origin", "Authorization"}, s.send("GET", "/posts/1", "", header...).varies())
	}
	require.Equal(t, []string{"Authorization"}, newServiceWithPost(t).send("GET", "/posts/1", "").varies(), "without CORS nothing varies by origin")
}

func newServiceWithPost(t *testing.T) *service {
	s := newService(t)
	_, auth := s.signUp(adaEmail)
	s.createPost(auth, api.PostInput{Title: "t", Content: "c"})
	return s
}

// TestPreflightsAllowHeadersOfLibraries asks for headers that browser libraries add.
func TestPreflightsAllowHeadersOfLibraries(t *testing.T) {
	t.Parallel()
	s := newService(t, withOrigin)
	for _, headers := range []string{
		"authorization,content-type", "if-match", "if-none-match", "idempotency-key", "x-request-id", "traceparent", "baggage,traceparent,tracestate",
		"sentry-trace", "x-b3-traceid", "x-datadog-trace-id", "cache-control", "pragma", "accept", "prefer",
	} {
		for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE"} {
			got := s.send("OPTIONS", "/posts/1", "", "Origin", origin, "Access-Control-Request-Method", method, "Access-Control-Request-Headers", headers)
			require.Equal(t, http.StatusNoContent, got.StatusCode)
			require.Equal(t, origin, got.Header.Get("Access-Control-Allow-Origin"))
			require.Equal(t, headers, got.Header.Get("Access-Control-Allow-Headers"))
			require.Empty(t, got.Header.Get("Access-Control-Allow-Credentials"))
		}
	}
	stranger := s.send("OPTIONS", "/posts/1", "", "Origin", "https://evil.example", "Access-Control-Request-Method", "PUT", "Access-Control-Request-Headers", "traceparent")
	require.Empty(t, stranger.Header.Get("Access-Control-Allow-Origin"))
	require.Empty(t, stranger.Header.Get("Access-Control-Allow-Headers"))
}

// TestDeclaredHeadersAreExposed compares the exposed headers with those that the contract declares.
func TestDeclaredHeadersAreExposed(t *testing.T) {
	t.Parallel()
	spec := resttest.Document(t)
	s := newService(t, withOrigin)
	exposed := strings.Split(strings.ToLower(s.send("GET", "/posts", "", "Origin", origin).Header.Get("Access-Control-Expose-Headers")), ", ")
	// Some headers are always readable, others matter to the browser only.
	safe := []string{"cache-control", "content-length", "content-type", "vary", "access-control-allow-origin"}
	for path, item := range spec.Paths.Map() {
		for _, op := range item.Operations() {
			for _, response := range op.Responses.Map() {
				for name := range response.Value.Headers {
					if !slices.Contains(safe, strings.ToLower(name)) {
						require.Contains(t, exposed, strings.ToLower(name), path)
					}
				}
			}
		}
	}
	for _, name := range []string{"Allow", "Accept-Patch", "Deprecation", "Sunset", "RateLimit", "RateLimit-Policy", "WWW-Authenticate", "Retry-After", "ETag", "Link"} {
		require.Contains(t, exposed, strings.ToLower(name))
	}
}
