package jwt

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"slices"
	"syscall"
	"time"

	"github.com/go-json-experiment/json"
)

// Bounds of a key file.
const (
	maxKeyFile = 64 << 10 // bytes
	maxKeys    = 64
	maxDate    = 253402300799 // the last second of the year 9999, since 1970
)

// jwkSet is a JWK Set (RFC 7517, section 5) with no other members than these.
type jwkSet struct {
	Keys []jwk `json:"keys"`
}

// jwk is a symmetric key (RFC 7518, section 6.4). The member nbf is our own: the second from which on the key is used.
type jwk struct {
	KeyType   string `json:"kty"`
	Use       string `json:"use"`
	Algorithm string `json:"alg"`
	KeyID     string `json:"kid"`
	NotBefore *int64 `json:"nbf"`
	Secret    string `json:"k"`
}

var keyID = regexp.MustCompile(`^[A-Za-z0-9._~-]{1,64}$`)

// readKeyFile returns the bytes of a key file that nobody but its owner can reach.
func readKeyFile(path string) ([]byte, error) {
	// A pipe in the file's place must not hold up whoever opens it.
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, fmt.Errorf("open the key file: %w", err)
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("look at the key file: %w", err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("key file %s: is not a regular file", path)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("key file %s: has mode %04o, others than its owner can reach it; run chmod 600 on it, and "+
			"replace its keys if others may have read them", path, info.Mode().Perm())
	}
	data, err := io.ReadAll(io.LimitReader(f, maxKeyFile+1))
	if err != nil {
		return nil, fmt.Errorf("read the key file: %w", err)
	}
	if len(data) > maxKeyFile {
		return nil, fmt.Errorf("key file %s: is larger than %d bytes", path, maxKeyFile)
	}
	return data, nil
}

// parseKeySet returns the keys of a JWK Set, in its order. Every use has a key in force at now, or within clock skew of
// it. Its errors hold no part of the data.
func parseKeySet(data []byte, now time.Time) ([]key, error) {
	set, err := decodeJWKSet(data)
	if err != nil {
		return nil, err
	}
	if len(set.Keys) > maxKeys {
		return nil, fmt.Errorf("holds more than %d keys", maxKeys)
	}
	keys := make([]key, 0, len(set.Keys))
	for i, j := range set.Keys {
		k, err := j.key()
		if err != nil {
			return nil, fmt.Errorf("key %d %w", i+1, err)
		}
		if slices.ContainsFunc(keys, func(other key) bool { return other.tag == k.tag }) {
			return nil, fmt.Errorf("key %d has the kid of another", i+1)
		}
		if slices.ContainsFunc(keys, func(other key) bool { return bytes.Equal(other.secret.material, k.secret.material) }) {
			return nil, fmt.Errorf("key %d has the k of another", i+1)
		}
		keys = append(keys, k)
	}
	for _, use := range uses {
		inForce := func(k key) bool { return k.use == use && !k.notBefore.After(now.Add(maxSkew)) }
		if !slices.ContainsFunc(keys, inForce) {
			return nil, fmt.Errorf("has no key of use %q with an nbf that is not in the future", use)
		}
	}
	return keys, nil
}

func decodeJWKSet(data []byte) (jwkSet, error) {
	var set jwkSet
	// What the decoder says of an error quotes the data.
	if json.Unmarshal(data, &set, json.RejectUnknownMembers(true)) != nil {
		return jwkSet{}, errors.New(`is not a JWK Set: {"keys": [...]}, of keys with kty, use, alg, kid, nbf and k, ` +
			"each once and none else")
	}
	return set, nil
}

func (j jwk) key() (key, error) {
	switch {
	case j.KeyType != "oct":
		return key{}, errors.New(`has another kty than "oct"`)
	case !slices.Contains(uses, j.Use):
		return key{}, fmt.Errorf("has another use than one of %q", uses)
	case j.Algorithm != algorithm:
		return key{}, fmt.Errorf("has another alg than %q", algorithm)
	case !keyID.MatchString(j.KeyID):
		return key{}, errors.New("has a kid that is not 1 to 64 letters, digits and -._~")
	case j.NotBefore == nil || *j.NotBefore < 0 || *j.NotBefore > maxDate:
		return key{}, errors.New("has no nbf in whole seconds since 1970")
	}
	material, err := decodeBase64URL(j.Secret)
	if err != nil {
		return key{}, errors.New("has a k that is not base64url without padding (RFC 7515, section 2)")
	}
	if err := CheckSecret(material); err != nil {
		return key{}, fmt.Errorf("has a k that cannot be used: %w", err)
	}
	return newKey(j.KeyID, j.Use, time.Unix(*j.NotBefore, 0).UTC(), material), nil
}

func (k key) jwk() jwk {
	nbf := k.notBefore.Unix()
	return jwk{
		KeyType: "oct", Use: k.use, Algorithm: k.method.Alg(), KeyID: k.id, NotBefore: &nbf,
		Secret: base64.RawURLEncoding.EncodeToString(k.secret.material),
	}
}
