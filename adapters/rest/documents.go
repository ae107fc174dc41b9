package rest

import (
	"crypto/sha256"
	"encoding/base64"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"sync"

	postern "example.com/postern"
	"example.com/postern/api"
)

// newDocuments returns the handlers of the documents, by mux pattern. They describe the service and are not operations
// of the contract.
func newDocuments(version string) map[string]http.Handler {
	documents := newPageFiles()
	maps.Copy(documents, newProblemPages())
	documents["GET /docs"] = withPolicy(docsPolicy, embedded(pages, "docs/index.html"))
	documents["GET /account/reset"] = accountPage("account/reset.html")
	documents["GET /account/confirm"] = accountPage("account/confirm.html")
	documents["GET /{$}"] = newRoot(version)
	documents["GET /openapi.json"] = document("application/json", api.OpenAPI)
	documents["GET /openapi.yaml"] = document("application/yaml", postern.OpenAPI) // RFC 9512
	return documents
}

// document serves bytes that change only with the binary. It computes the entity tag on the first request, so a
// document that nobody requests stays out of memory.
func document(mediaType string, body []byte) http.Handler {
	hashed := sync.OnceValue(func() string {
		sum := sha256.Sum256(body)
		return `"` + base64.RawURLEncoding.EncodeToString(sum[:16]) + `"`
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		tag := hashed()
		w.Header().Set("ETag", tag)
		w.Header().Set("Cache-Control", "no-cache")
		conditions := r.Header.Values("If-None-Match")
		if joined := strings.Join(conditions, ", "); len(conditions) > 0 && !noneMatch(&joined, tag) {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		w.Header().Set("Content-Type", mediaType)
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		_, _ = w.Write(body)
	})
}
