package rest

import (
	"net/http"
	"path"
	"strings"
)

// withCleanPath accepts only cleaned paths and answers all others with 404. The mux would redirect such paths or even
// match some of them. One trailing slash is allowed and removed.
func withCleanPath(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		given := r.URL.Path
		trimmed := given
		if len(given) > 1 {
			trimmed = strings.TrimSuffix(given, "/")
		}
		if !strings.HasPrefix(given, "/") || path.Clean(trimmed) != trimmed || escapesSlash(r.URL.RawPath) {
			writeProblem(w, r, errNotFound)
			return
		}
		if trimmed != given {
			r = withPath(r, trimmed)
		}
		next.ServeHTTP(w, r)
	})
}

// escapesSlash reports whether a path contains an escaped slash, which the mux takes for part of a segment.
func escapesSlash(raw string) bool { return strings.Contains(strings.ToLower(raw), "%2f") }

func withPath(r *http.Request, path string) *http.Request {
	copied, target := *r, *r.URL
	target.Path, target.RawPath = path, strings.TrimSuffix(target.RawPath, "/")
	copied.URL = &target
	return &copied
}

// newUnmatched returns the handler for requests that match no operation. It answers 405 if operations has the path with
// other methods, and 404 otherwise. It searches operations, because the mux that contains it matches every request.
func newUnmatched(operations *http.ServeMux) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		handler, _ := operations.Handler(r)
		answer := headerRecorder{header: http.Header{}}
		handler.ServeHTTP(&answer, r)
		if answer.status != http.StatusMethodNotAllowed {
			writeProblem(w, r, errNotFound)
			return
		}
		w.Header().Set("Allow", answer.header.Get("Allow"))
		writeProblem(w, r, errMethodNotAllowed)
	})
}

// headerRecorder records the status and header of an answer and drops its body.
type headerRecorder struct {
	header http.Header
	status int
}

func (d *headerRecorder) Header() http.Header         { return d.header }
func (d *headerRecorder) WriteHeader(status int)      { d.status = status }
func (d *headerRecorder) Write(b []byte) (int, error) { return len(b), nil }
