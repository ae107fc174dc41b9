package rest

import (
	"net/http"
	"strings"
)

// withSemicolons makes a semicolon in a query an ordinary character (WHATWG URL). Go refuses pairs that hold one, and net/http
// warns of them in the log, unless [http.AllowQuerySemicolons] is in the way, which then finds nothing left to replace.
func withSemicolons(next http.Handler) http.Handler {
	quiet := http.AllowQuerySemicolons(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.Contains(r.URL.RawQuery, ";") {
			next.ServeHTTP(w, r)
			return
		}
		copied, target := *r, *r.URL
		target.RawQuery = escapeSemicolons(target.RawQuery)
		copied.URL = &target
		quiet.ServeHTTP(w, &copied)
	})
}

// escapeSemicolons returns a query or form with its semicolons written in the one way that Go reads.
func escapeSemicolons(query string) string { return strings.ReplaceAll(query, ";", "%3B") }
