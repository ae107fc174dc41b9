package rest

import (
	"cmp"
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"strings"
)

// identify returns the request id and the trace id of a request. The request id is the client's X-Request-Id if that is safe
// in a log and a header. The trace id is from traceparent. An identifier that the client did not send is new. If both are
// new, they are equal.
func identify(header http.Header) (requestID, traceID string) {
	if ids := header["X-Request-Id"]; len(ids) == 1 && isRequestID(ids[0]) {
		requestID = ids[0]
	}
	if parents := header["Traceparent"]; len(parents) == 1 {
		traceID = parseTraceparent(parents[0])
	}
	if requestID != "" && traceID != "" {
		return requestID, traceID
	}
	id := newID()
	return cmp.Or(requestID, id), cmp.Or(traceID, id)
}

// newID returns 128 random bits in lower-case hexadecimal, which is the form of a trace id.
func newID() string {
	var id [16]byte
	_, _ = rand.Read(id[:]) // never fails: see its documentation
	var text [2 * len(id)]byte
	hex.Encode(text[:], id[:])
	return string(text[:])
}

const (
	maxRequestID        = 64
	requestIDCharacters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-"
	hexDigits           = "0123456789abcdef"
)

func isRequestID(text string) bool {
	return text != "" && len(text) <= maxRequestID && consistsOf(text, requestIDCharacters)
}

// consistsOf reports whether a text has only the given characters.
func consistsOf(text, characters string) bool { return strings.Trim(text, characters) == "" }

// traceparentLength is the length of version 00 of the header, and the minimum length of later versions.
const traceparentLength = len("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")

// parseTraceparent returns the trace id of a traceparent header (W3C Trace Context, level 1, section 3.2), or "" if the header
// is not valid. Later versions may add members at the end.
func parseTraceparent(header string) (traceID string) {
	if len(header) < traceparentLength || header[2] != '-' || header[35] != '-' || header[52] != '-' {
		return ""
	}
	version, trace, parent, flags := header[:2], header[3:35], header[36:52], header[53:traceparentLength]
	added := header[traceparentLength:]
	switch {
	case !consistsOf(version, hexDigits), !consistsOf(trace, hexDigits), !consistsOf(parent, hexDigits), !consistsOf(flags, hexDigits):
		return ""
	case version == "ff", version == "00" && added != "", added != "" && added[0] != '-':
		return ""
	case consistsOf(trace, "0"), consistsOf(parent, "0"):
		return ""
	}
	return trace
}
