package rest

import (
	"net/http"
	"path"
	"strings"
)

// withCleanPath lets only one spelling of a path in: its cleaned form, with or without one trailing slash, which is taken
// off. The mux would redirect the others, and match some of them first.
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

// escapesSlash tells whether a path has a slash that the mux takes for part of a segment.
func escapesSlash(raw string) bool { return strings.Contains(strings.ToLower(raw), "%2f") }

func withPath(r *http.Request, path string) *http.Request {
	copied, target := *r, *r.URL
	target.Path, target.RawPath = path, strings.TrimSuffix(target.RawPath, "/")
	copied.URL = &target
	return &copied
}
