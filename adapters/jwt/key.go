package jwt

import (
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// What a key is for: the use member of its JWK (RFC 7517, section 4.2). All but the first are our own.
const (
	useSignature = "sig"
	useRefresh   = "refresh"
	useCursor    = "cursor"
)

// algorithm is the only one so far, of every key (RFC 7518, section 3.2).
const algorithm = "HS256"

// minSecret is the shortest key that HS256 may be used with, in bytes (RFC 7518, section 3.2).
const minSecret = sha256.Size

// tag stands for a key's identifier where that must have a fixed width.
type tag [8]byte

type key struct {
	id        string
	tag       tag
	use       string
	method    jwt.SigningMethod
	notBefore time.Time
	secret    *secret
}

func newKey(id, use string, notBefore time.Time, material []byte) key {
	digest := sha256.Sum256([]byte(id))
	return key{id, tag(digest[:8]), use, jwt.SigningMethodHS256, notBefore, &secret{material}}
}

// verify tells, in constant time, whether signature is the key's over text.
func (k key) verify(text string, signature []byte) bool {
	return k.method.Verify(text, signature, k.secret.material) == nil
}

// mac returns the HMAC-SHA256 of the parts, one after the other.
func (k key) mac(parts ...[]byte) []byte {
	h := hmac.New(sha256.New, k.secret.material)
	for _, part := range parts {
		h.Write(part)
	}
	return h.Sum(nil)
}

// secret is key material. However it is printed or logged, it comes out as [redacted], or as an address where it is a
// field that fmt may not call methods of: always hold it by a pointer.
type secret struct{ material []byte }

const redacted = "[redacted]"

func (*secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(redacted)) }

func (*secret) LogValue() slog.Value { return slog.StringValue(redacted) }
