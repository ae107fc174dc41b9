package rest

import (
	"bytes"
	"compress/gzip"
	"embed"
	"fmt"
	"io"
	"net/http"
)

// docs holds the documentation page: a page of this project around Swagger UI and its licences. docs/update.sh fetches Swagger UI.
//
//go:embed docs/*.html docs/*.css docs/*.js docs/*.svg docs/*.gz docs/LICENSE docs/NOTICE docs/LICENSES-bundled.txt
var docs embed.FS

// docsFiles are the files of the page and their media types.
var docsFiles = map[string]string{
	"page.css":             "text/css; charset=utf-8",
	"page.js":              "text/javascript; charset=utf-8", // RFC 9239
	"icon.svg":             "image/svg+xml",
	"swagger-ui.css":       "text/css; charset=utf-8",
	"swagger-ui-bundle.js": "text/javascript; charset=utf-8",
	"LICENSE":              "text/plain; charset=utf-8",
	"NOTICE":               "text/plain; charset=utf-8",
	"LICENSES-bundled.txt": "text/plain; charset=utf-8",
}

// docsPolicy allows the page its own files and requests to this host, and nothing else. The stylesheet of Swagger UI has
// icons in data URLs.
const docsPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// newDocs returns the documentation page and its files, by mux pattern.
func newDocs() (map[string]http.Handler, error) {
	page, err := docs.ReadFile("docs/index.html")
	if err != nil {
		return nil, fmt.Errorf("rest: read the embedded page: %w", err)
	}
	handlers := map[string]http.Handler{"GET /docs": withDocsPolicy(document("text/html; charset=utf-8", page))}
	for name, mediaType := range docsFiles {
		if handlers["GET /docs/"+name], err = docsFile(name, mediaType); err != nil {
			return nil, fmt.Errorf("rest: read an embedded file of the page: %w", err)
		}
	}
	return handlers, nil
}

func withDocsPolicy(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", docsPolicy)
		next.ServeHTTP(w, r)
	})
}

// docsFile returns a handler for an embedded file. A file that is embedded compressed is sent compressed to clients that
// accept gzip.
func docsFile(name, mediaType string) (http.Handler, error) {
	if content, err := docs.ReadFile("docs/" + name); err == nil {
		return document(mediaType, content), nil
	}
	packed, err := docs.ReadFile("docs/" + name + ".gz")
	if err != nil {
		return nil, err
	}
	compressed := document(mediaType, packed)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("Vary", "Accept-Encoding")
		if quality(r.Header["Accept-Encoding"], "gzip", "*") > 0 {
			w.Header().Set("Content-Encoding", "gzip")
			compressed.ServeHTTP(w, r)
			return
		}
		content, err := unpack(packed)
		if err != nil {
			writeProblem(w, r, err)
			return
		}
		document(mediaType, content).ServeHTTP(w, r)
	}), nil
}

// unpack decompresses a file. Few clients do not accept gzip, so the result is not kept.
func unpack(packed []byte) ([]byte, error) {
	reader, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, fmt.Errorf("rest: unpack an embedded file: %w", err)
	}
	return io.ReadAll(reader)
}
