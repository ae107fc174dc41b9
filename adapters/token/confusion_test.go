package token

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/pem"
	"maps"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"
	"github.com/stretchr/testify/require"
)

// publicForms returns every encoding of a public key that a verifier may confuse with a secret.
func publicForms(t *testing.T, k key) map[string][]byte {
	t.Helper()
	public := k.secret.public
	x, err := decodeBase64URL(public["x"])
	require.NoError(t, err)
	y, err := decodeBase64URL(public["y"])
	require.NoError(t, err)
	der, err := x509.MarshalPKIXPublicKey(k.secret.verifier)
	require.NoError(t, err)
	block := pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	return map[string][]byte{
		"x": x, "x in base64url": []byte(public["x"]), "x and y": slices.Concat(x, y), "the point": slices.Concat([]byte{4}, x, y),
		"an even point, compressed": slices.Concat([]byte{2}, x), "an odd one, compressed": slices.Concat([]byte{3}, x),
		"PKIX": der, "PEM": block, "PEM without its last line break": block[:len(block)-1], "the JWK Set": ringOf(k).JWKS(),
	}
}

// TestPublicKeyIsNoSecret signs with the public key as the secret of HS256 (RFC 8725, section 2.1).
func TestPublicKeyIsNoSecret(t *testing.T) {
	t.Parallel()
	for _, a := range asymmetric {
		k := keyOf(a)
		swapped, kept := map[string]string{}, map[string]string{}
		for name, public := range publicForms(t, k) {
			by := hmacKey(k.id, useSignature, start, public)
			swapped[string(a)+" "+name] = sign(by, goodHeader(by).json(t), goodClaims().json(t))
			kept[string(a)+" "+name+", alg kept"] = sign(by, goodHeader(k).json(t), goodClaims().json(t))
		}
		requireRefused(t, ringOf(k), "the alg is not that of the key", swapped)
		requireRefused(t, ringOf(k), "the signature is wrong", kept)
	}
}

func TestOneKeyHasOneAlgorithm(t *testing.T) {
	t.Parallel()
	keys := map[Algorithm]key{HS256: keyOf(HS256), EdDSA: keyOf(EdDSA), Ed25519: keyOf(Ed25519), ES256: keyOf(ES256)}
	r := ringOf(slices.Collect(maps.Values(keys))...)
	others := []any{
		"none", "", nil, "HS384", "HS512", "RS256", "PS256", "ES384", "ES512", "ES256K", "ESP256", "Ed448", "eddsa", "EDDSA", "ed25519", "ED25519", "es256",
	}
	for a, k := range keys {
		swapped := map[string]string{}
		for _, alg := range others {
			token := sign(k, goodHeader(k).with(fields{"alg": alg}).json(t), goodClaims().json(t))
			name := string(a) + " as " + goodHeader(k).with(fields{"alg": alg}).json(t)
			swapped[name], swapped[name+", unsigned"] = token, token[:strings.LastIndexByte(token, '.')+1]
		}
		foreign := map[string]string{}
		for b, other := range keys {
			if a == b {
				continue
			}
			by := func(header fields) string { return sign(k, header.json(t), goodClaims().json(t)) }
			swapped[string(a)+" said to be "+string(b)] = by(goodHeader(k).with(fields{"alg": b}))
			swapped[string(a)+" with the kid of "+string(b)] = by(goodHeader(k).with(fields{"kid": other.id}))
			foreign[string(a)+" with kid and alg of "+string(b)] = by(goodHeader(other))
		}
		requireRefused(t, r, "the alg is not that of the key", swapped)
		requireRefused(t, r, "the signature is wrong", foreign)
	}
}

func TestOtherCurvesAndHashes(t *testing.T) {
	t.Parallel()
	k := keyOf(ES256)
	private := k.secret.signer.(*ecdsa.PrivateKey)
	wide, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	require.NoError(t, err)
	with := func(m jwt.SigningMethod, by any, alg string) string {
		text := b64(goodHeader(k).with(fields{"alg": alg}).json(t)) + "." + b64(goodClaims().json(t))
		signature, err := m.Sign(text, by)
		require.NoError(t, err)
		return text + "." + b64(string(signature))
	}
	sha384OnP256 := &jwt.SigningMethodECDSA{Name: "ES256", Hash: jwt.SigningMethodES384.Hash, KeySize: 32, CurveBits: 256}
	requireRefused(t, ringOf(k), "the alg is not that of the key", map[string]string{
		"ES384": with(jwt.SigningMethodES384, wide, "ES384"),
	})
	requireRefused(t, ringOf(k), "the signature is wrong", map[string]string{
		"ES384 said to be ES256": with(jwt.SigningMethodES384, wide, "ES256"),
		"SHA-384 on P-256":       with(sha384OnP256, private, "ES256"),
	})
}

func TestOddSignaturesOfAsymmetricKeys(t *testing.T) {
	t.Parallel()
	keys := map[Algorithm]key{EdDSA: keyOf(EdDSA), Ed25519: keyOf(Ed25519), ES256: keyOf(ES256)}
	order := elliptic.P256().Params().N
	for a, k := range keys {
		header, payload := goodHeader(k).json(t), goodClaims().json(t)
		text := b64(header) + "." + b64(payload)
		good, err := k.sign(text)
		require.NoError(t, err)
		require.Len(t, good, 64)
		odd := map[string][]byte{
			"missing": {}, "63 bytes": good[:63], "65 bytes": slices.Concat(good, []byte{0}),
			"a zero before": slices.Concat([]byte{0}, good), "twice": slices.Concat(good, good), "its first half": good[:32],
			"zeros": make([]byte, 64), "halves swapped": slices.Concat(good[32:], good[:32]),
			"r and s are 1":          slices.Concat(number(big.NewInt(1)), number(big.NewInt(1))),
			"r and s are the order":  slices.Concat(number(order), number(order)),
			"s is the order":         slices.Concat(good[:32], number(order)),
			"the base point, s is 0": slices.Concat([]byte{0x58}, bytes.Repeat([]byte{0x66}, 31), make([]byte, 32)),
		}
		if private, ok := k.secret.signer.(*ecdsa.PrivateKey); ok {
			digest := sha256.Sum256([]byte(text))
			odd["in ASN.1"], err = ecdsa.SignASN1(rand.Reader, private, digest[:])
			require.NoError(t, err)
		}
		tokens := map[string]string{}
		for name, signature := range odd {
			tokens[string(a)+" "+name] = text + "." + b64(string(signature))
		}
		requireRefused(t, ringOf(k), "the signature is wrong", tokens)
	}
}

// TestKeysInTheHeaderAreNotUsed signs with an attacker's own key, and puts that key into the header in every way (RFC 8725,
// section 3.10).
func TestKeysInTheHeaderAreNotUsed(t *testing.T) {
	t.Parallel()
	for _, a := range asymmetric {
		k, own := keyOf(a), keyOf(a)
		jwk := fields{"kty": schemes[a].keyType, "kid": k.id}
		for name, value := range own.secret.public {
			jwk[name] = value
		}
		der, err := x509.MarshalPKIXPublicKey(own.secret.verifier)
		require.NoError(t, err)
		with := func(set fields) string {
			return sign(own, goodHeader(k).with(set).json(t), goodClaims().json(t))
		}
		requireRefused(t, ringOf(k), "the signature is wrong", map[string]string{
			string(a) + " jwk":  with(fields{"jwk": jwk}),
			string(a) + " jku":  with(fields{"jku": "https://evil.example/jwks.json"}),
			string(a) + " x5c":  with(fields{"x5c": [][]byte{der}}),
			string(a) + " x5u":  with(fields{"x5u": "https://evil.example/cert.pem"}),
			string(a) + " none": with(fields{}),
		})
	}
}

// TestRFC8037Vector is the example in RFC 8037, appendix A.4, with the key of appendix A.1. An EdDSA signature is deterministic.
func TestRFC8037Vector(t *testing.T) {
	t.Parallel()
	d, err := decodeBase64URL("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A")
	require.NoError(t, err)
	private := ed25519.NewKeyFromSeed(d)
	require.Equal(t, "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", b64(string(private[32:])))
	const text = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc"
	for _, a := range []Algorithm{EdDSA, Ed25519} {
		k := newKey("k", useSignature, a, start, &secret{signer: private, verifier: private.Public()})
		signature, err := k.sign(text)
		require.NoError(t, err)
		require.Equal(t, "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg", b64(string(signature)))
		require.True(t, k.verify(text, signature))
	}
}

// TestRFC7515Vector is the example in RFC 7515, appendix A.3. An ES256 signature is random, so it is only verified.
func TestRFC7515Vector(t *testing.T) {
	t.Parallel()
	d, err := decodeBase64URL("jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI")
	require.NoError(t, err)
	private, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), d)
	require.NoError(t, err)
	k := newKey("k", useSignature, ES256, start, &secret{signer: private, verifier: &private.PublicKey})
	const text = "eyJhbGciOiJFUzI1NiJ9." +
		"eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
	signature, err := decodeBase64URL("DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q")
	require.NoError(t, err)
	require.True(t, k.verify(text, signature))
	require.False(t, k.verify(text+"x", signature))
}

func number(n *big.Int) []byte { return n.FillBytes(make([]byte, 32)) }
