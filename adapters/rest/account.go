package rest

import (
	_ "embed"
	"net/http"
)

// The pages that the links in mails open, unless the operator has named others.
var (
	//go:embed account/reset.html
	resetPage []byte
	//go:embed account/confirm.html
	confirmPage []byte
	//go:embed account/page.css
	accountCSS []byte
	//go:embed account/page.js
	accountJS []byte
)

// accountPolicy lets a page use its own style and script, and send requests to its own host only.
const accountPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// newAccountPages returns the pages and their files, by mux pattern. A page sends the token of its link only when the person
// submits its form, so scanners that open the link do not use it up. The pages refer to their files and the API by relative paths,
// so that they work behind a proxy that adds a prefix to all paths.
func newAccountPages() map[string]http.Handler {
	page := func(text []byte) http.Handler {
		shown := document("text/html; charset=utf-8", text)
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Security-Policy", accountPolicy)
			w.Header().Set("Cross-Origin-Opener-Policy", "same-origin") // a page that opened this one cannot change its fragment
			w.Header().Set("X-Robots-Tag", "noindex")
			shown.ServeHTTP(w, r)
		})
	}
	return map[string]http.Handler{
		"GET /account/reset":    page(resetPage),
		"GET /account/confirm":  page(confirmPage),
		"GET /account/page.css": document("text/css; charset=utf-8", accountCSS),
		"GET /account/page.js":  script(accountJS),
	}
}
