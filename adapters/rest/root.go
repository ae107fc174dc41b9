package rest

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
)

// newRoot returns the handler of GET /. It redirects browsers to the documentation and answers other clients with JSON.
// It is the only redirect of the service.
func newRoot(version string) http.Handler {
	const docs = "/docs"
	description := map[string]any{
		"name":    "Postern",
		"version": version,
		"links": map[string]string{
			"docs": docs, "openapi": "/openapi.json", "problems": problemPath, "health": "/healthz", "ready": "/readyz", "posts": "/posts",
		},
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("Vary", "Accept")
		if prefersHTML(r.Header["Accept"]) {
			w.Header().Set("Location", docs)
			w.WriteHeader(http.StatusSeeOther)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(description)
	})
}

// prefersHTML reports whether an Accept field prefers HTML to JSON.
func prefersHTML(accept []string) bool {
	return quality(accept, "text/html", "text/*", "*/*") > quality(accept, "application/json", "application/*", "*/*")
}

// quality returns the weight, 0 to 1, of the first of the names that occurs in a list such as Accept or Accept-Encoding
// (RFC 9110, section 12.4.2). It returns 0 if none occurs. Parameters other than q are ignored.
func quality(fields []string, names ...string) float64 {
	weights := map[string]float64{}
	for item := range strings.SplitSeq(strings.ToLower(strings.Join(fields, ",")), ",") {
		name, parameters, _ := strings.Cut(item, ";")
		weight := 1.0
		for parameter := range strings.SplitSeq(parameters, ";") {
			if q, ok := strings.CutPrefix(strings.TrimSpace(parameter), "q="); ok {
				weight, _ = strconv.ParseFloat(q, 64)
			}
		}
		weights[strings.TrimSpace(name)] = weight
	}
	for _, name := range names {
		if weight, ok := weights[name]; ok {
			return weight
		}
	}
	return 0
}
