package rest

import (
	"net/http"
	"strings"

	"github.com/rs/cors"
)

// setSecurityHeaders says what holds for every answer unless a handler knows better: it is data, for the asker alone, and
// no page.
func setSecurityHeaders(h http.Header) {
	h.Set("Cache-Control", "no-store")
	h.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
}

const preflightMaxAge = 600 // seconds

// exposedHeaders are the headers of answers that pages may read, beyond those that they may always read.
var exposedHeaders = []string{
	"Link", "Location", "ETag", "Retry-After", "X-Request-Id", "Idempotency-Replayed",
	"Allow", "Accept-Patch", "Deprecation", "Sunset", "RateLimit", "RateLimit-Policy", "WWW-Authenticate",
}

// withCORS lets pages of exactly these origins read answers (Fetch standard, section 3.3). Such a page may send any header:
// libraries for tracing add their own, and the origin is what is trusted. Tokens travel in a header that a page must set by
// itself, so credentials mode is not needed and never allowed.
func withCORS(next http.Handler, origins []string) http.Handler {
	if len(origins) == 0 {
		return next
	}
	handler := cors.New(cors.Options{
		AllowedOrigins: origins,
		AllowedMethods: []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete},
		AllowedHeaders: []string{"*"},
		ExposedHeaders: exposedHeaders,
		MaxAge:         preflightMaxAge,
	}).Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		handler.ServeHTTP(&variedByOrigin{ResponseWriter: w}, r)
	})
}

// variedByOrigin keeps Origin in the Vary header. Generated code sets that header, and what was added to it before is lost.
type variedByOrigin struct {
	http.ResponseWriter
	sent bool
}

func (w *variedByOrigin) WriteHeader(status int) {
	if !w.sent && !strings.Contains(strings.Join(w.Header()["Vary"], ","), "Origin") {
		w.Header().Add("Vary", "Origin")
	}
	w.sent = true
	w.ResponseWriter.WriteHeader(status)
}

func (w *variedByOrigin) Write(b []byte) (int, error) {
	if !w.sent {
		w.WriteHeader(http.StatusOK)
	}
	return w.ResponseWriter.Write(b)
}

// Unwrap serves [http.ResponseController].
func (w *variedByOrigin) Unwrap() http.ResponseWriter { return w.ResponseWriter }
