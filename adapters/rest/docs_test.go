package rest_test

import (
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/require"

	"example.com/postern/adapters/rest"
)

const browserAccept = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"

func TestDocsPage(t *testing.T) {
	t.Parallel()
	s := newService(t)
	for _, target := range []string{"/docs", "/docs/"} {
		page := s.send("GET", target, "", "Accept", browserAccept)
		require.Equal(t, http.StatusOK, page.StatusCode, target)
		require.Equal(t, "text/html; charset=utf-8", page.Header.Get("Content-Type"))
		require.Equal(t, "no-cache", page.Header.Get("Cache-Control"))
		require.Contains(t, string(page.body), `name="viewport"`)
	}
	require.Equal(t, http.StatusOK, s.send("HEAD", "/docs", "").StatusCode)
	require.Equal(t, http.StatusMethodNotAllowed, s.send("POST", "/docs", "").StatusCode)
	for _, target := range []string{"/docs/index.html", "/docs/update.sh", "/docs/VERSION", "/docs/swagger-ui.css.gz", "/docs/page.css/x"} {
		require.Equal(t, http.StatusNotFound, s.send("GET", target, "").StatusCode, target)
	}
}

// TestDocsPolicy: the page can load resources of its own host only.
func TestDocsPolicy(t *testing.T) {
	t.Parallel()
	directives := map[string]string{}
	for directive := range strings.SplitSeq(newService(t).send("GET", "/docs", "").Header.Get("Content-Security-Policy"), ";") {
		name, sources, _ := strings.Cut(strings.TrimSpace(directive), " ")
		directives[name] = sources
	}
	require.Equal(t, map[string]string{
		"default-src": "'none'", "script-src": "'self'", "style-src": "'self'", "img-src": "'self' data:", "connect-src": "'self'",
		"base-uri": "'none'", "form-action": "'none'", "frame-ancestors": "'none'",
	}, directives)
}

var (
	reference = regexp.MustCompile(`(?:src|href)="([^"]*)"`)
	external  = regexp.MustCompile(`(?i)["'(\s=](?:https?:)?//[a-z]`)
)

func TestDocsReferToNoOtherHost(t *testing.T) {
	t.Parallel()
	s := newService(t)
	page := s.send("GET", "/docs", "")
	references := reference.FindAllStringSubmatch(string(page.body), -1)
	require.Len(t, references, 7)
	for _, found := range references {
		require.True(t, strings.HasPrefix(found[1], "/"), found[1])
		require.Equal(t, http.StatusOK, s.send("GET", found[1], "").StatusCode, found[1])
	}
	for _, target := range []string{
		"/docs", "/docs/page.css", "/docs/page.js", "/docs/introduction.js", "/docs/operations.js", "/docs/answers.js",
		"/docs/authorization.js", "/docs/code.js",
	} {
		own := strings.ReplaceAll(string(s.send("GET", target, "").body), "http://127.0.0.1:8080", "") // replaced by the page's own address
		require.NotRegexp(t, external, strings.ReplaceAll(own, "// ", ""), target)
	}
	script := string(s.send("GET", "/docs/page.js", "").body)
	require.Contains(t, script, "url: '/openapi.json'")
	require.Contains(t, script, "validatorUrl: null")
	require.NotRegexp(t, `<script>|<style| style=| on[a-z]+=`, string(page.body))
}

func TestDocsFiles(t *testing.T) {
	t.Parallel()
	s := newService(t)
	for name, mediaType := range map[string]string{
		"page.css": "text/css; charset=utf-8", "page.js": "text/javascript; charset=utf-8", "icon.svg": "image/svg+xml",
		"introduction.js": "text/javascript; charset=utf-8", "operations.js": "text/javascript; charset=utf-8",
		"answers.js": "text/javascript; charset=utf-8", "authorization.js": "text/javascript; charset=utf-8", "code.js": "text/javascript; charset=utf-8",
		"swagger-ui.css": "text/css; charset=utf-8", "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
		"LICENSE": "text/plain; charset=utf-8", "NOTICE": "text/plain; charset=utf-8", "LICENSES-bundled.txt": "text/plain; charset=utf-8",
	} {
		got := s.send("GET", "/docs/"+name, "", "Accept-Encoding", "identity")
		require.Equal(t, http.StatusOK, got.StatusCode, name)
		require.Equal(t, mediaType, got.Header.Get("Content-Type"), name)
		require.Equal(t, "nosniff", got.Header.Get("X-Content-Type-Options"), name)
		require.Equal(t, "no-cache", got.Header.Get("Cache-Control"), name)
		require.Empty(t, got.Header.Get("Content-Encoding"), name)
		require.NotEmpty(t, got.body, name)
		again := s.send("GET", "/docs/"+name, "", "Accept-Encoding", "identity", "If-None-Match", got.Header.Get("ETag"))
		require.Equal(t, http.StatusNotModified, again.StatusCode, name)
		require.Empty(t, again.body, name)
	}
}

func TestDocsAreCompressedForClientsThatAcceptIt(t *testing.T) {
	t.Parallel()
	s := newService(t)
	for _, target := range []string{"/docs/swagger-ui-bundle.js", "/docs/swagger-ui.css"} {
		plain := s.send("GET", target, "", "Accept-Encoding", "identity")
		for _, accept := range []string{"br, gzip;q=0.5", "*"} {
			packed := s.send("GET", target, "", "Accept-Encoding", accept)
			require.Equal(t, "gzip", packed.Header.Get("Content-Encoding"), accept)
			require.Equal(t, plain.Header.Get("Content-Type"), packed.Header.Get("Content-Type"))
			require.NotEqual(t, plain.Header.Get("ETag"), packed.Header.Get("ETag"))
			reader, err := gzip.NewReader(strings.NewReader(string(packed.body)))
			require.NoError(t, err)
			unpacked, err := io.ReadAll(reader)
			require.NoError(t, err)
			require.Equal(t, string(plain.body), string(unpacked))
		}
		for _, refusal := range []string{"gzip;q=0", "br", "gzip;q=0, *", "*;q=0"} {
			got := s.send("GET", target, "", "Accept-Encoding", refusal)
			require.Empty(t, got.Header.Get("Content-Encoding"), refusal)
			require.Equal(t, "Accept-Encoding", got.Header.Get("Vary"))
		}
	}
}

func TestRootRedirectsBrowsersToTheDocs(t *testing.T) {
	t.Parallel()
	s := newService(t, func(o *rest.Options) { o.Version = "v1.2.3" })
	for accept, wanted := range map[string]int{
		browserAccept:                         http.StatusSeeOther,
		"text/html":                           http.StatusSeeOther,
		"TEXT/*;q=0.3, application/*;q=0.2":   http.StatusSeeOther,
		"application/json;q=0.5, text/html":   http.StatusSeeOther,
		"application/json":                    http.StatusOK,
		"*/*":                                 http.StatusOK,
		"":                                    http.StatusOK,
		"text/html, application/json":         http.StatusOK,
		"text/html;q=0":                       http.StatusOK,
		"text/html;q=0.4, */*;q=0.5":          http.StatusOK,
		"text/html;q=x, application/json":     http.StatusOK,
		"image/png, application/problem+json": http.StatusOK,
	} {
		for _, method := range []string{"GET", "HEAD"} {
			header := []string{"Accept", accept}
			if accept == "" {
				header = nil
			}
			got := s.send(method, "/", "", header...)
			require.Equal(t, wanted, got.StatusCode, "%s %q", method, accept)
			require.Equal(t, "Accept", got.Header.Get("Vary"))
			if wanted == http.StatusSeeOther {
				require.Equal(t, "/docs", got.Header.Get("Location"))
				require.Empty(t, got.body)
				continue
			}
			require.Empty(t, got.Header.Get("Location"))
			require.Equal(t, "application/json", got.Header.Get("Content-Type"))
		}
	}
	require.Equal(t, http.StatusMethodNotAllowed, s.send("POST", "/", "").StatusCode)
}

func TestRootDescribesTheService(t *testing.T) {
	t.Parallel()
	s := newService(t, func(o *rest.Options) { o.Version = "v1.2.3" })
	var root struct {
		Name, Version string
		Links         map[string]string
	}
	require.NoError(t, json.Unmarshal(s.send("GET", "/", "", "Accept", "application/json").body, &root))
	require.Equal(t, "Postern", root.Name)
	require.Equal(t, "v1.2.3", root.Version)
	require.Equal(t, "/docs", root.Links["docs"])
	require.Equal(t, "/openapi.json", root.Links["openapi"])
	for name, link := range root.Links {
		require.Equal(t, http.StatusOK, s.send("GET", link, "").StatusCode, name)
	}
}

// TestSamplesAreServed: in openapi.json each operation has a sample in each language, and the document is valid.
func TestSamplesAreServed(t *testing.T) {
	t.Parallel()
	document, err := openapi3.NewLoader().LoadFromData(newService(t).send("GET", "/openapi.json", "").body)
	require.NoError(t, err)
	require.NoError(t, document.Validate(t.Context(), openapi3.EnableExamplesValidation()))
	for path, item := range document.Paths.Map() {
		for method, operation := range item.Operations() {
			samples, ok := operation.Extensions["x-codeSamples"].([]any)
			require.True(t, ok, "%s %s", method, path)
			var labels []any
			for _, sample := range samples {
				labels = append(labels, sample.(map[string]any)["label"])
				require.NotEmpty(t, sample.(map[string]any)["source"])
			}
			require.Equal(t, []any{"curl", "Go", "TypeScript"}, labels)
		}
	}
}
