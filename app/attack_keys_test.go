package main

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/postern/adapters/token"
)

func TestForgedTokensOfAnAsymmetricKey(t *testing.T) {
	t.Parallel()
	for _, a := range []token.Algorithm{token.ES256, token.EdDSA} {
		t.Run(string(a), func(t *testing.T) {
			t.Parallel()
			f, all := newForger(t, a), attacks{}
			f.addPublicKeyAsSecret(t, all)
			f.addOwnKeyPair(t, all)
			f.requireAllRefused(t, all)
		})
	}
}

// addPublicKeyAsSecret adds tokens that use the public key as the secret of HS256 (RFC 8725, section 2.1).
func (f *forger) addPublicKeyAsSecret(t *testing.T, all attacks) {
	swapped, kept := map[string]string{}, map[string]string{}
	for name, form := range f.publicForms(t) {
		swapped[name] = f.signWith("HS256", form, f.header.with(members{"alg": "HS256"}))
		kept[name+", alg kept"] = f.signWith("HS256", form, f.header)
	}
	for _, alg := range []string{"none", "ES384", "HS512", "RS256", "EdDSA", "ES256", "Ed25519"} {
		if alg != f.alg {
			swapped["said to be "+alg] = f.withHeader(members{"alg": alg})
		}
	}
	all.add(algReason, swapped)
	all.add(signatureReason, kept)
}

func (f *forger) publicForms(t *testing.T) map[string][]byte {
	t.Helper()
	forms := map[string][]byte{"the JWK": []byte(members(f.keys["sig"]).with(members{"d": nil, "nbf": nil}).json())}
	x, err := base64.RawURLEncoding.DecodeString(f.keys["sig"]["x"].(string))
	require.NoError(t, err)
	forms["x"] = x
	var der []byte
	switch key := f.key.(type) {
	case ed25519.PrivateKey:
		der, err = x509.MarshalPKIXPublicKey(key.Public())
	case *ecdsa.PrivateKey:
		der, err = x509.MarshalPKIXPublicKey(key.Public())
	}
	require.NoError(t, err)
	forms["PKIX"] = der
	forms["PEM"] = pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})
	forms["PEM without its last line break"] = forms["PEM"][:len(forms["PEM"])-1]
	forms["the point"] = slices.Concat([]byte{4}, x)
	return forms
}

// addOwnKeyPair adds tokens that bring the attacker's own key, and signatures that a careless verifier accepts for any token.
func (f *forger) addOwnKeyPair(t *testing.T, all attacks) {
	var own any
	public := members{"kty": f.keys["sig"]["kty"], "crv": f.keys["sig"]["crv"], "kid": f.header["kid"], "alg": f.alg}
	if f.alg == "ES256" {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		require.NoError(t, err)
		point, err := key.PublicKey.Bytes()
		require.NoError(t, err)
		own, public["x"], public["y"] = key, base64URL(string(point[1:33])), base64URL(string(point[33:]))
	} else {
		point, key, err := ed25519.GenerateKey(rand.Reader)
		require.NoError(t, err)
		own, public["x"] = key, base64URL(string(point))
	}
	with := func(set members) string { return f.signWith(f.alg, own, f.header.with(set)) }
	signed := f.token[:strings.LastIndexByte(f.token, '.')+1]
	all.add(signatureReason, map[string]string{
		"alone": with(nil), "jwk": with(members{"jwk": public}), "jku": with(members{"jku": f.s.url + "/canary"}),
		"x5u": with(members{"x5u": f.s.url + "/canary"}),
		"x5c": with(members{"x5c": []string{"canary"}}), "unsigned": signed,
		"zeros":             signed + base64URL(strings.Repeat("\x00", 64)),
		"of another length": f.token + "AAAA",
		"ones":              signed + base64URL(strings.Repeat("\x00", 31)+"\x01"+strings.Repeat("\x00", 31)+"\x01"),
	})
	all.add(kidReason, map[string]string{
		"jwk with its own kid":   with(members{"jwk": public, "kid": "canary"}),
		"kid of the refresh key": with(members{"kid": f.keys["refresh"]["kid"]}),
		"the refresh key itself": f.signWith("HS256", signer(t, f.keys["refresh"]), f.header.with(members{"alg": "HS256", "kid": f.keys["refresh"]["kid"]})),
	})
}
