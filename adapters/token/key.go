package token

import (
	"bytes"
	"crypto/hmac"
	"crypto/rand"
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

// materialSize is the size of the keys we make, in bytes: the least for HS256 (RFC 7518, section 3.2), and the only one
// for Ed25519 and P-256.
const materialSize = 32

// tag stands for a key's identifier where that must have a fixed width.
type tag [8]byte

func tagOf(id string) tag {
	digest := sha256.Sum256([]byte(id))
	return tag(digest[:8])
}

type key struct {
	id        string
	tag       tag
	use       string
	method    jwt.SigningMethod
	notBefore time.Time
	secret    *secret
}

func newKey(id, use string, a Algorithm, notBefore time.Time, s *secret) key {
	return key{id, tagOf(id), use, schemes[a].method, notBefore, s}
}

func randomKey(use string, a Algorithm, notBefore int64) key {
	material := make([]byte, materialSize)
	for {
		_, _ = rand.Read(material) // never fails
		// One in 2^32 is not below the order of P-256: then another is drawn (FIPS 186-5, appendix A.2.2).
		if s, err := schemes[a].open(material); err == nil {
			return newKey(rand.Text(), use, a, time.Unix(notBefore, 0).UTC(), s)
		}
	}
}

func (k key) algorithm() Algorithm { return Algorithm(k.method.Alg()) }

func (k key) equal(other key) bool {
	return k.id == other.id && k.use == other.use && k.method == other.method && k.notBefore.Equal(other.notBefore) &&
		bytes.Equal(k.secret.material, other.secret.material)
}

// verify tells, in constant time where the key is secret, whether signature is the key's over text.
func (k key) verify(text string, signature []byte) bool {
	return k.method.Verify(text, signature, k.secret.verifier) == nil
}

// mac returns the HMAC-SHA256 of the parts, one after the other. The key is symmetric.
func (k key) mac(parts ...[]byte) []byte {
	h := hmac.New(sha256.New, k.secret.material)
	for _, part := range parts {
		h.Write(part)
	}
	return h.Sum(nil)
}

// secret is key material. However it is printed or logged, it comes out as [redacted], or as an address where it is a
// field that fmt may not call methods of: always hold it by a pointer.
type secret struct {
	material []byte            // the k or d of the JWK
	signer   any               // what golang-jwt signs with
	verifier any               // what golang-jwt verifies with
	public   map[string]string // the members of the JWK that follow from d and that all may know; none if symmetric
}

const redacted = "[redacted]"

func (*secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(redacted)) }

func (*secret) LogValue() slog.Value { return slog.StringValue(redacted) }
