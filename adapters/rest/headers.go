package rest

import (
	"net/http"

	"github.com/rs/cors"
)

// securityHeaders hold for every answer unless a handler sets its own: an answer is data, for its client alone, and no page.
// Their lists of values are shared by all answers: they are replaced, and never changed in place.
var securityHeaders = http.Header{
	"Cache-Control":                {"no-store"},
	"Content-Security-Policy":      {"default-src 'none'; frame-ancestors 'none'"},
	"Cross-Origin-Resource-Policy": {"same-origin"},
	"Referrer-Policy":              {"no-referrer"},
	"X-Content-Type-Options":       {"nosniff"},
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
	return cors.New(cors.Options{
		AllowedOrigins: origins,
		AllowedMethods: []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete},
		AllowedHeaders: []string{"*"},
		ExposedHeaders: exposedHeaders,
		MaxAge:         preflightMaxAge,
	}).Handler(next)
}
