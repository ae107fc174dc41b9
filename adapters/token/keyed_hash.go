package token

import (
	"crypto/hmac"
	"crypto/sha256"
)

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
