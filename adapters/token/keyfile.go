package token

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"slices"
	"time"
)

// Limits of a key file.
const (
	maxKeyFile = 64 << 10 // bytes
	maxKeys    = 64
	maxDate    = 253402300799 // the last second of the year 9999, since 1970
)

// loadKeys reads a key file with the checks of [ReadPrivate]. It asks mayRead whether the file's group may read the file.
// Two calls with the same outcome return the same seen.
func loadKeys(path string, now time.Time, mayRead func(fs.FileInfo) bool) (keys []key, seen string, err error) {
	data, err := readPrivate(path, maxKeyFile, mayRead)
	if err == nil {
		keys, err = parseKeySet(data, now)
	}
	if err != nil {
		err = fmt.Errorf("key file: %w", err)
	}
	return keys, fmt.Sprintf("%x %v", sha256.Sum256(data), err), err
}

// parseKeySet returns the keys of a JWK Set, in its order. Each use must have a key that is in force at now, allowing for
// clock skew. The errors contain no part of the data.
func parseKeySet(data []byte, now time.Time) ([]key, error) {
	set, err := decodeJWKSet(data)
	if err != nil {
		return nil, err
	}
	if len(set.Keys) > maxKeys {
		return nil, fmt.Errorf("contains more than %d keys", maxKeys)
	}
	keys := make([]key, 0, len(set.Keys))
	for i, j := range set.Keys {
		k, err := j.key()
		if err != nil {
			return nil, fmt.Errorf("key %d %w", i+1, err)
		}
		if slices.ContainsFunc(keys, func(other key) bool { return other.tag == k.tag }) {
			return nil, fmt.Errorf("key %d has the same kid as another", i+1)
		}
		if slices.ContainsFunc(keys, func(other key) bool { return bytes.Equal(other.secret.material, k.secret.material) }) {
			return nil, fmt.Errorf("key %d has the same k or d as another", i+1)
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
