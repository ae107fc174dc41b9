package token

import (
	"bytes"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"time"
)

// FromSecret returns a ring whose keys and identifiers are derived from one secret by HKDF-SHA256 (RFC 5869), each with its
// own label. All keys are HS256. Instances with the same secret have the same keys. If previous is not empty, tokens that
// were made under it still verify. FromSecret returns the error of [CheckSecret] for either secret, and an error if they are
// equal. The errors contain no part of a secret.
func FromSecret(secret, previous []byte) (*Ring, error) {
	if err := CheckSecret(secret); err != nil {
		return nil, err
	}
	var keys []key
	if len(previous) > 0 {
		if err := CheckSecret(previous); err != nil {
			return nil, fmt.Errorf("the previous secret: %w", err)
		}
		if bytes.Equal(secret, previous) {
			return nil, errors.New("the previous secret equals the present one")
		}
		keys = derivedKeys(previous)
	}
	// Of keys that come into force at the same time, the last is in force.
	keys = append(keys, derivedKeys(secret)...)
	r := &Ring{now: func() time.Time { return time.Now().UTC() }}
	r.keys.Store(newKeySet(keys...))
	return r, nil
}

func derivedKeys(secret []byte) []key {
	var keys []key
	for _, use := range uses {
		id := encodeBase64URL(derive(secret, "postern v1 kid "+use, 12))
		material := derive(secret, "postern v1 key "+use, materialSize)
		keys = append(keys, newKey(id, use, HS256, time.Time{}, symmetric(material)))
	}
	return keys
}

func derive(secret []byte, label string, length int) []byte {
	derived, err := hkdf.Key(sha256.New, secret, nil, label, length)
	if err != nil {
		panic(err) // only for a length of more than 255 hashes
	}
	return derived
}

// keyedHashLabel is the HKDF label of the key of [Ring.KeyedHash].
const keyedHashLabel = "postern v1 key throttle"

// KeyedHash returns the HMAC-SHA256 of data under a key that HKDF derives from the ring's oldest cursor key. Rotations keep
// that key, so the hashes stay the same until an operator removes it from the key file or drops the previous secret.
func (r *Ring) KeyedHash(data string) [32]byte {
	oldest := r.keys.Load().byUse[useCursor][0]
	h := hmac.New(sha256.New, derive(oldest.secret.material, keyedHashLabel, materialSize))
	h.Write([]byte(data))
	return [32]byte(h.Sum(nil))
}
