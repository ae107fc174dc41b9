package rest

import (
	"bytes"
	"compress/gzip"
	"embed"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"sync"
)

// The pages, and the files that they use. docs/update.sh fetches Swagger UI and its licences.
var (
	//go:embed docs/index.html account/*.html
	pages embed.FS

	//go:embed docs/*.css docs/*.js docs/*.svg docs/*.gz docs/*.txt docs/LICENSE docs/NOTICE account/*.css account/*.js
	pageFiles embed.FS
)

// mediaTypes are the media types of embedded files, by extension.
var mediaTypes = map[string]string{
	".html": "text/html; charset=utf-8",
	".css":  "text/css; charset=utf-8",
	".js":   "text/javascript; charset=utf-8", // RFC 9239
	".svg":  "image/svg+xml",
	".txt":  "text/plain; charset=utf-8",
	"":      "text/plain; charset=utf-8",
}

// Policies of pages (Content Security Policy). A page uses files and the API of its own host only. The style sheet of Swagger UI
// contains icons as data URLs.
const (
	pagePolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; " + policyEnd
	docsPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; " + policyEnd
	policyEnd  = "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

func withPolicy(policy string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", policy)
		next.ServeHTTP(w, r)
	})
}

// newPageFiles returns the handlers of the files that pages use, by mux pattern. A file has its own name as its path, without
// the ending .gz.
func newPageFiles() map[string]http.Handler {
	handlers := map[string]http.Handler{}
	_ = fs.WalkDir(pageFiles, ".", func(name string, entry fs.DirEntry, _ error) error { // never fails: the files are embedded
		if !entry.IsDir() {
			handlers["GET /"+strings.TrimSuffix(name, ".gz")] = embedded(pageFiles, name)
		}
		return nil
	})
	return handlers
}

// embedded serves an embedded file, which it reads at the first request.
func embedded(files embed.FS, name string) http.Handler {
	served := sync.OnceValue(func() http.Handler {
		content, _ := files.ReadFile(name) // never fails: see the callers
		plain, compressed := strings.CutSuffix(name, ".gz")
		if compressed {
			return compressedDocument(mediaTypes[path.Ext(plain)], content)
		}
		return document(mediaTypes[path.Ext(name)], content)
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { served().ServeHTTP(w, r) })
}

// compressedDocument serves a document that is embedded compressed. It decompresses it for clients that do not accept
// gzip.
func compressedDocument(mediaType string, packed []byte) http.Handler {
	compressed := document(mediaType, packed)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("Vary", "Accept-Encoding")
		if quality(r.Header["Accept-Encoding"], "gzip", "*") > 0 {
			w.Header().Set("Content-Encoding", "gzip")
			compressed.ServeHTTP(w, r)
			return
		}
		content, err := gunzip(packed)
		if err != nil {
			writeProblem(w, r, err)
			return
		}
		document(mediaType, content).ServeHTTP(w, r)
	})
}

// gunzip decompresses a document. Few clients need that, so the result is not cached.
func gunzip(packed []byte) ([]byte, error) {
	reader, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, fmt.Errorf("rest: decompress an embedded file: %w", err)
	}
	return io.ReadAll(reader)
}
