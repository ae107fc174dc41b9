package rest_test

import (
	"net/http"
	"path"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var accountPages = []string{"/account/reset", "/account/confirm"}

// TestAccountPages: the pages that links in mails open load nothing from another host, and run no inline script.
func TestAccountPages(t *testing.T) {
	t.Parallel()
	s := newService(t)
	for _, target := range accountPages {
		page := s.send("GET", target, "", "Accept", browserAccept)
		require.Equal(t, http.StatusOK, page.StatusCode)
		require.Equal(t, "text/html; charset=utf-8", page.Header.Get("Content-Type"))
		require.Equal(t, "no-referrer", page.Header.Get("Referrer-Policy"))
		require.Equal(t, "same-origin", page.Header.Get("Cross-Origin-Opener-Policy"), "no other page can put its token in place of this one's")
		require.Equal(t, "noindex", page.Header.Get("X-Robots-Tag"))
		require.Equal(t, "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "+
			"base-uri 'none'; form-action 'none'; frame-ancestors 'none'", page.Header.Get("Content-Security-Policy"))
		require.NotRegexp(t, `<script>|<style| style=| on[a-z]+=`, string(page.body))
		require.Contains(t, string(page.body), "<noscript>")
		require.Contains(t, string(page.body), `name="viewport"`)
		references := reference.FindAllStringSubmatch(string(page.body), -1)
		require.Len(t, references, 3)
		for _, found := range references {
			require.Equal(t, http.StatusOK, s.send("GET", path.Join("/account", found[1]), "").StatusCode, found[1])
		}
		require.Equal(t, http.StatusNotModified, s.send("GET", target, "", "If-None-Match", page.Header.Get("ETag")).StatusCode)
	}
	for _, target := range []string{"/account/page.js", "/account/page.css"} {
		require.NotRegexp(t, external, strings.ReplaceAll(string(s.send("GET", target, "").body), "// ", ""), target)
	}
}

// TestAccountPagesAllowOnlyReads: mail scanners open links with GET and HEAD. The pages allow no other method, so only a
// request to the API can use a token.
func TestAccountPagesAllowOnlyReads(t *testing.T) {
	t.Parallel()
	s := newService(t)
	for _, target := range accountPages {
		require.Equal(t, http.StatusOK, s.send("HEAD", target, "").StatusCode)
		for _, method := range []string{"POST", "PUT", "PATCH", "DELETE"} {
			refused := s.send(method, target, "")
			require.Equal(t, http.StatusMethodNotAllowed, refused.StatusCode)
			require.Equal(t, "GET, HEAD", refused.Header.Get("Allow"))
		}
	}
	for _, target := range []string{"/password-resets", "/password-resets/complete", "/email-verifications/complete", "/users/me/email-verification"} {
		refused := s.send("GET", target, "")
		require.Equal(t, http.StatusMethodNotAllowed, refused.StatusCode, target)
		require.Equal(t, "POST", refused.Header.Get("Allow"), target)
		head, err := s.client.Head(s.URL + target)
		require.NoError(t, err)
		require.NoError(t, head.Body.Close())
		require.Equal(t, http.StatusMethodNotAllowed, head.StatusCode, target)
	}
}
