package rest

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"fmt"
	"io"
	"net/http"
)

// The documentation page and its files. docs/update.sh fetches Swagger UI and its licences.
var (
	//go:embed docs/index.html
	docsPage []byte
	//go:embed docs/page.css
	docsPageCSS []byte
	//go:embed docs/page.js
	docsPageJS []byte
	//go:embed docs/introduction.js
	docsIntroductionJS []byte
	//go:embed docs/operations.js
	docsOperationsJS []byte
	//go:embed docs/answers.js
	docsAnswersJS []byte
	//go:embed docs/authorization.js
	docsAuthorizationJS []byte
	//go:embed docs/code.js
	docsCodeJS []byte
	//go:embed docs/problems.css
	problemsCSS []byte
	//go:embed docs/icon.svg
	docsIcon []byte
	//go:embed docs/swagger-ui.css.gz
	swaggerCSS []byte
	//go:embed docs/swagger-ui-bundle.js.gz
	swaggerBundle []byte
	//go:embed docs/LICENSE
	swaggerLicense []byte
	//go:embed docs/NOTICE
	swaggerNotice []byte
	//go:embed docs/LICENSES-bundled.txt
	bundledLicenses []byte
)

// docsPolicy lets the page use files and the API of its own host only. The style sheet of Swagger UI contains icons as
// data URLs.
const docsPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// newDocs returns the documentation page and its files, by mux pattern.
func newDocs() map[string]http.Handler {
	return map[string]http.Handler{
		"GET /docs":                      withDocsPolicy(document("text/html; charset=utf-8", docsPage)),
		"GET /docs/page.css":             document("text/css; charset=utf-8", docsPageCSS),
		"GET /docs/problems.css":         document("text/css; charset=utf-8", problemsCSS),
		"GET /docs/page.js":              script(docsPageJS),
		"GET /docs/introduction.js":      script(docsIntroductionJS),
		"GET /docs/operations.js":        script(docsOperationsJS),
		"GET /docs/answers.js":           script(docsAnswersJS),
		"GET /docs/authorization.js":     script(docsAuthorizationJS),
		"GET /docs/code.js":              script(docsCodeJS),
		"GET /docs/icon.svg":             document("image/svg+xml", docsIcon),
		"GET /docs/swagger-ui.css":       compressedDocument("text/css; charset=utf-8", swaggerCSS),
		"GET /docs/swagger-ui-bundle.js": compressedDocument("text/javascript; charset=utf-8", swaggerBundle),
		"GET /docs/LICENSE":              document("text/plain; charset=utf-8", swaggerLicense),
		"GET /docs/NOTICE":               document("text/plain; charset=utf-8", swaggerNotice),
		"GET /docs/LICENSES-bundled.txt": document("text/plain; charset=utf-8", bundledLicenses),
	}
}

// script serves JavaScript (RFC 9239).
func script(body []byte) http.Handler { return document("text/javascript; charset=utf-8", body) }

func withDocsPolicy(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Security-Policy", docsPolicy)
		next.ServeHTTP(w, r)
	})
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
