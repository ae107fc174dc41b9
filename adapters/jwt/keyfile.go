package jwt

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"syscall"
	"time"
)

// Bounds of a key file.
const (
	maxKeyFile = 64 << 10 // bytes
	maxKeys    = 64
	maxDate    = 253402300799 // the last second of the year 9999, since 1970
)

// readKeyFile returns the bytes of a key file that nobody but its owner can reach.
func readKeyFile(path string) ([]byte, error) {
	// A pipe in the file's place must not hold up whoever opens it.
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, fmt.Errorf("open the key file: %w", pathless(err))
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("look at the key file: %w", pathless(err))
	}
	if !info.Mode().IsRegular() {
		return nil, errors.New("key file: is not a regular file")
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("key file: has mode %04o, others than its owner can reach it; run chmod 600 on it, and "+
			"replace its keys if others may have read them", info.Mode().Perm())
	}
	data, err := io.ReadAll(io.LimitReader(f, maxKeyFile+1))
	if err != nil {
		return nil, fmt.Errorf("read the key file: %w", pathless(err))
	}
	if len(data) > maxKeyFile {
		return nil, fmt.Errorf("key file: is larger than %d bytes", maxKeyFile)
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
			return nil, fmt.Errorf("key %d has the k or d of another", i+1)
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
