package rest

import (
	"net/http"

	"github.com/rs/cors"
)

// securityHeaders are set on every answer unless a handler replaces them. They suit data for one client, not pages. All
// answers share the slices of values, so nothing may modify them in place.
var securityHeaders = http.Header{
	"Cache-Control":                {"no-store"},
	"Content-Security-Policy":      {"default-src 'none'; frame-ancestors 'none'"},
	"Cross-Origin-Resource-Policy": {"same-origin"},
	"Referrer-Policy":              {"no-referrer"},
	"X-Content-Type-Options":       {"nosniff"},
}

const preflightMaxAge = 600 // seconds

// exposedHeaders lists the headers that pages of other origins may read, beyond those that are always readable.
var exposedHeaders = []string{
	"Link", "Location", "ETag", "Retry-After", "X-Request-Id", "Idempotency-Replayed",
	"Allow", "Accept-Patch", "Deprecation", "Sunset", "RateLimit", "RateLimit-Policy", "WWW-Authenticate",
}

// withCORS lets pages of exactly these origins read answers (Fetch standard, section 3.3). The origin is trusted, so a
// page may send any header; tracing libraries add their own. Credentials mode is never allowed. It is not needed,
// because pages send tokens in a header that they set themselves.
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
