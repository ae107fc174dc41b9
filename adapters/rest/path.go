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
