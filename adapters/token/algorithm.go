package token

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"errors"

	"github.com/golang-jwt/jwt/v5"
)

// Algorithm is the signature algorithm of a key and of the access tokens that it signs (the alg of RFC 7515).
type Algorithm string

// The supported algorithms. All except HS256 are asymmetric: others can verify tokens with the public keys from [Ring.JWKS]
// but cannot issue them, and both signing and verifying take more time. EdDSA and Ed25519 name the same signature. RFC 9864
// deprecates the name EdDSA because it does not say which curve is used, but more verifiers support it. A token is valid
// only under the name that its key has.
const (
	HS256   Algorithm = "HS256"   // HMAC with SHA-256 (RFC 7518, section 3.2)
	EdDSA   Algorithm = "EdDSA"   // Ed25519 (RFC 8037, section 3.1)
	Ed25519 Algorithm = "Ed25519" // Ed25519, fully specified (RFC 9864, section 2.2)
	ES256   Algorithm = "ES256"   // ECDSA with P-256 and SHA-256 (RFC 7518, section 3.4)
)

var algorithms = []Algorithm{HS256, EdDSA, Ed25519, ES256}

// scheme describes the keys of an algorithm.
type scheme struct {
	method  jwt.SigningMethod
	keyType string // the kty of the JWK
	member  string // the member of the JWK with the key material
	open    func(material []byte) (*secret, error)
}

var schemes = map[Algorithm]scheme{
	HS256:   {jwt.SigningMethodHS256, "oct", "k", openHS256},
	EdDSA:   {jwt.SigningMethodEdDSA, "OKP", "d", openEd25519},
	Ed25519: {methodEd25519{jwt.SigningMethodEdDSA}, "OKP", "d", openEd25519},
	ES256:   {jwt.SigningMethodES256, "EC", "d", openES256},
}

// methodEd25519 is golang-jwt's EdDSA under the fully specified name. golang-jwt supports no other curve.
type methodEd25519 struct{ *jwt.SigningMethodEd25519 }

func (methodEd25519) Alg() string { return string(Ed25519) }

func openHS256(k []byte) (*secret, error) {
	if err := CheckSecret(k); err != nil {
		return nil, err
	}
	return symmetric(k), nil
}

func symmetric(k []byte) *secret { return &secret{material: k, signer: k, verifier: k} }

// openEd25519 returns the key for a private key of RFC 8032, section 5.1.5.
func openEd25519(d []byte) (*secret, error) {
	if err := checkPrivateKey(d); err != nil {
		return nil, err
	}
	private := ed25519.NewKeyFromSeed(d)
	x := ed25519.PublicKey(private[len(d):])
	return &secret{d, private, x, map[string]string{"crv": "Ed25519", "x": encodeBase64URL(x)}}, nil
}

// openES256 returns the key for a private key of 32 bytes (RFC 7518, section 6.2.2.1).
func openES256(d []byte) (*secret, error) {
	if err := checkPrivateKey(d); err != nil {
		return nil, err
	}
	private, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), d)
	if err != nil {
		return nil, errors.New("it is not below the order of P-256")
	}
	point, err := private.PublicKey.Bytes() // 4 ‖ x ‖ y
	if err != nil {
		return nil, errors.New("it has no public key")
	}
	x, y := point[1:1+materialSize], point[1+materialSize:]
	members := map[string]string{"crv": "P-256", "x": encodeBase64URL(x), "y": encodeBase64URL(y)}
	return &secret{d, private, &private.PublicKey, members}, nil
}
