package token

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"time"

	"github.com/go-json-experiment/json"
)

// jwkSet is a JWK Set (RFC 7517, section 5) that has no other members.
type jwkSet struct {
	Keys []jwk `json:"keys"`
}

// jwk is a private key as it stands in a key file (RFC 7518, sections 6.2 and 6.4; RFC 8037, section 2). The member nbf is
// an extension: the second from which on the key is in force.
type jwk struct {
	KeyType   string            `json:"kty"`
	Use       string            `json:"use"`
	Algorithm Algorithm         `json:"alg"`
	KeyID     string            `json:"kid"`
	NotBefore *int64            `json:"nbf"`
	Others    map[string]string `json:",embed"` // k; or crv, x and d; or crv, x, y and d
}

var keyID = regexp.MustCompile(`^[A-Za-z0-9._~-]{1,64}$`)

func decodeJWKSet(data []byte) (jwkSet, error) {
	var set jwkSet
	// The decoder's own error quotes the data.
	if json.Unmarshal(data, &set, json.RejectUnknownMembers(true)) != nil {
		return jwkSet{}, errors.New(`is not a JWK Set {"keys": [...]} whose keys have kty, use, alg, kid, nbf and either k ` +
			"or crv, x, d and, for ES256, y, each once and no others")
	}
	return set, nil
}

// key returns the key that a JWK describes. The public members must be exactly those that are computed from the private one,
// so that a point lies on its curve and has its full size and only one spelling.
func (j jwk) key() (key, error) {
	scheme, known := schemes[j.Algorithm]
	switch {
	case !slices.Contains(uses, j.Use):
		return key{}, fmt.Errorf("has a use that is not one of %q", uses)
	case !known:
		return key{}, fmt.Errorf("has an alg that is not one of %q", algorithms)
	case j.Use != useSignature && j.Algorithm != HS256:
		return key{}, fmt.Errorf("has an alg other than %q, the only one for its use", HS256)
	case j.KeyType != scheme.keyType:
		return key{}, fmt.Errorf("has a kty other than %q, which its alg requires", scheme.keyType)
	case !keyID.MatchString(j.KeyID):
		return key{}, errors.New("has a kid that is not 1 to 64 letters, digits and -._~")
	case j.NotBefore == nil || *j.NotBefore < 0 || *j.NotBefore > maxDate:
		return key{}, errors.New("has no nbf in whole seconds since 1970")
	}
	material, err := decodeBase64URL(j.Others[scheme.member])
	if err != nil {
		return key{}, fmt.Errorf("has a %s that is not base64url without padding (RFC 7515, section 2)", scheme.member)
	}
	s, err := scheme.open(material)
	if err != nil {
		return key{}, fmt.Errorf("has a %s that cannot be used: %w", scheme.member, err)
	}
	k := newKey(j.KeyID, j.Use, j.Algorithm, time.Unix(*j.NotBefore, 0).UTC(), s)
	if !maps.Equal(j.Others, k.jwk().Others) {
		return key{}, fmt.Errorf("has other members than its alg requires, or public members that do not match its %s", scheme.member)
	}
	return k, nil
}

func (k key) jwk() jwk {
	nbf, scheme := k.notBefore.Unix(), schemes[k.algorithm()]
	others := map[string]string{scheme.member: encodeBase64URL(k.secret.material)}
	maps.Copy(others, k.secret.public)
	return jwk{
		KeyType: scheme.keyType, Use: k.use, Algorithm: k.algorithm(), KeyID: k.id, NotBefore: &nbf, Others: others,
	}
}

// publicJWK is a public key in JSON. It has no member for private material.
type publicJWK struct {
	KeyType   string    `json:"kty"`
	Curve     string    `json:"crv"`
	X         string    `json:"x"`
	Y         string    `json:"y,omitzero"`
	KeyID     string    `json:"kid"`
	Algorithm Algorithm `json:"alg"`
	Use       string    `json:"use"`
}

// publicSet returns the JWK Set of the public keys among keys.
func publicSet(keys []key) []byte {
	public := []publicJWK{}
	for _, k := range keys {
		if members := k.secret.public; members != nil {
			public = append(public, publicJWK{
				KeyType: schemes[k.algorithm()].keyType, Curve: members["crv"], X: members["x"], Y: members["y"],
				KeyID: k.id, Algorithm: k.algorithm(), Use: k.use,
			})
		}
	}
	data, err := json.Marshal(map[string][]publicJWK{"keys": public})
	if err != nil {
		panic(err) // only for text that is not valid UTF-8
	}
	return data
}
