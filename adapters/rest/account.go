package rest

import "net/http"

// accountPage serves a page that links in mails open by default. The page sends the token of the link only when the person
// submits the form, so a scanner that opens the link does not use the token. The page refers to its files and the API by
// relative paths, so it works behind a proxy that adds a prefix to all paths.
func accountPage(name string) http.Handler {
	page := withPolicy(pagePolicy, embedded(pages, name))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cross-Origin-Opener-Policy", "same-origin") // a page that opened this one cannot change its fragment
		w.Header().Set("X-Robots-Tag", "noindex")
		page.ServeHTTP(w, r)
	})
}
