package rest

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"

	postern "example.com/postern"
	"example.com/postern/api"
)

// newDocuments returns the documents that describe the service, by mux pattern. They are not operations of the contract.
func newDocuments(version string) (map[string]http.Handler, error) {
	documents, err := newDocs()
	if err != nil {
		return nil, err
	}
	documents["GET /{$}"] = newRoot(version)
	documents["GET /openapi.json"] = document("application/json", api.OpenAPI)
	documents["GET /openapi.yaml"] = document("application/yaml", postern.OpenAPI) // RFC 9512
	return documents, nil
}

// document returns a handler for content that changes only with the binary. It is not [http.ServeContent], which answers 412
// and 416 without a problem, reads one line of If-None-Match only, and does not know the suffix of a compressing proxy.
func document(mediaType string, body []byte) http.Handler {
	sum := sha256.Sum256(body)
	tag := `"` + base64.RawURLEncoding.EncodeToString(sum[:16]) + `"`
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
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
