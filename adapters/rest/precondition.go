package rest

import (
	"net/http"
	"strings"
)

// preconditionsHold reports whether If-Match and If-None-Match allow a write to a resource without an entity tag (RFC
// 9110, section 13.1). No tag matches such a resource, and "If-None-Match: *" fails if it exists. Reads ignore
// conditions that their operation does not declare. The check runs before the handler, so 412 takes precedence over 404
// and 403 here.
func (op *operation) preconditionsHold(r *http.Request) bool {
	if r.Method == http.MethodGet || r.Method == http.MethodHead || op.DeclaresHeader("If-Match") {
		return true
	}
	ifMatch, ifNoneMatch := r.Header.Values("If-Match"), r.Header.Values("If-None-Match")
	if len(ifMatch) > 0 && !anyTagPattern.MatchString(strings.Join(ifMatch, ",")) {
		return false
	}
	return !op.Readable || len(ifNoneMatch) == 0 || !anyTagPattern.MatchString(strings.Join(ifNoneMatch, ","))
}
