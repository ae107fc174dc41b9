package rest

import (
	"net/http"
	"strings"
)

// preconditionsHold reports whether a request's conditions allow a write to something that has no entity tag (RFC 9110, section
// 13.1): no tag can match, and "If-None-Match: *" asks that there be nothing. Reads ignore conditions that they do not declare.
// Whether something is there at all is known only later, so these refusals come before 404 and 403.
func (op *operation) preconditionsHold(r *http.Request) bool {
	if r.Method == http.MethodGet || r.Method == http.MethodHead || op.TakesHeader("If-Match") {
		return true
	}
	ifMatch, ifNoneMatch := r.Header.Values("If-Match"), r.Header.Values("If-None-Match")
	if len(ifMatch) > 0 && !anyTagPattern.MatchString(strings.Join(ifMatch, ",")) {
		return false
	}
	return !op.Readable || len(ifNoneMatch) == 0 || !anyTagPattern.MatchString(strings.Join(ifNoneMatch, ","))
}
