package token

import (
	"encoding/base64"
	"errors"
	"strings"
)

var (
	strictBase64URL = base64.RawURLEncoding.Strict()
	errLineBreak    = errors.New("a line break in base64url")
)

// decodeBase64URL decodes base64url as RFC 7515, section 2, defines it: without padding, stray trailing bits or other
// characters. Each byte string has exactly one encoding that it accepts.
func decodeBase64URL(text string) ([]byte, error) {
	// Strict still skips line breaks.
	if strings.ContainsAny(text, "\r\n") {
		return nil, errLineBreak
	}
	return strictBase64URL.DecodeString(text)
}

func encodeBase64URL(data []byte) string { return base64.RawURLEncoding.EncodeToString(data) }
