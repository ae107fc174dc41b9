package domaintest

import "crypto/sha256"

// KeyedHash is a [throttle.KeyedHash] with a constant key.
func KeyedHash(data string) [32]byte { return sha256.Sum256([]byte("domaintest\x00" + data)) }
