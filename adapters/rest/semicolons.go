package rest

import (
	"net/http"
	"strings"
)

// withSemicolons makes the semicolon an ordinary character in queries (WHATWG URL): package url rejects pairs that
// contain one. [http.AllowQuerySemicolons] has nothing left to replace here; it only keeps net/http from logging a
// warning.
func withSemicolons(next http.Handler) http.Handler {
	quiet := http.AllowQuerySemicolons(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.Contains(r.URL.RawQuery, ";") {
			next.ServeHTTP(w, r)
			return
		}
		copied, target := *r, *r.URL
		target.RawQuery = strings.ReplaceAll(target.RawQuery, ";", "%3B")
		copied.URL = &target
		quiet.ServeHTTP(w, &copied)
	})
}
