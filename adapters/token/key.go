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

// The uses of keys: the use member of a JWK (RFC 7517, section 4.2). All except the first are extensions.
const (
	useSignature = "sig"
	useRefresh   = "refresh"
	useCursor    = "cursor"
)

// materialSize is the size of a generated key, in bytes. It is the minimum for HS256 (RFC 7518, section 3.2) and the only
// size for Ed25519 and P-256.
const materialSize = 32

// tag identifies a key in a fixed number of bytes. It is a hash of the key's identifier.
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
		// One value in 2^32 is not below the order of P-256 and is drawn again (FIPS 186-5, appendix A.2.2).
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

// verify reports whether signature is valid for text. It takes constant time if the key is symmetric.
func (k key) verify(text string, signature []byte) bool {
	return k.method.Verify(text, signature, k.secret.verifier) == nil
}

// mac returns the HMAC-SHA256 of the concatenated parts. The key must be symmetric.
func (k key) mac(parts ...[]byte) []byte {
	h := hmac.New(sha256.New, k.secret.material)
	for _, part := range parts {
		h.Write(part)
	}
	return h.Sum(nil)
}

// secret is key material. It prints and logs as [redacted]. Always hold it by a pointer: fmt cannot call the methods of an
// unexported field and then prints the address instead of the material.
type secret struct {
	material []byte            // the k or d of the JWK
	signer   any               // the key for signing, in the type that golang-jwt expects
	verifier any               // the key for verifying
	public   map[string]string // the public members of the JWK; nil if symmetric
}

const redacted = "[redacted]"

func (*secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(redacted)) }

func (*secret) LogValue() slog.Value { return slog.StringValue(redacted) }
