package rest

import "net/http"

// accountPage serves a page that the links in mails open, unless the operator has named others. A page sends the token of its link
// only when the person submits its form, so scanners that open the link do not use it up. The pages refer to their files and the API
// by relative paths, so that they work behind a proxy that adds a prefix to all paths.
func accountPage(name string) http.Handler {
	page := withPolicy(pagePolicy, embedded(pages, name))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cross-Origin-Opener-Policy", "same-origin") // a page that opened this one cannot change its fragment
		w.Header().Set("X-Robots-Tag", "noindex")
		page.ServeHTTP(w, r)
	})
}
