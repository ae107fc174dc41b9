package token

import (
	"context"
	"maps"
	"slices"
	"sync/atomic"
	"time"
)

// Ring is a set of keys, each for one use. For each use, the key with the latest nbf that is not in the future is in force.
// The other keys only verify. A ring is safe for concurrent use.
type Ring struct {
	keys atomic.Pointer[keySet]
	now  func() time.Time
	file *watchedFile // nil when the keys come from a secret
}

// KeyInfo describes a key without its material.
type KeyInfo struct {
	KeyID     string
	Use       string    // "sig" (access tokens), "refresh" or "cursor"
	Algorithm Algorithm // HS256 unless Use is "sig"
	NotBefore time.Time // UTC; zero when the key comes from a secret
	State     string    // "signing" (or "active", unless Use is "sig"), "next" or "verifying"
}

// Keys describes every key, grouped by use ("sig", "refresh", "cursor"), each group in the order in which its keys come into
// force.
func (r *Ring) Keys() []KeyInfo { return r.keys.Load().infos(r.now()) }

func (set *keySet) infos(now time.Time) []KeyInfo {
	var infos []KeyInfo
	for _, use := range uses {
		current := set.current(use, now)
		for _, k := range set.byUse[use] {
			infos = append(infos, k.info(current, now))
		}
	}
	return infos
}

func (k key) info(current key, now time.Time) KeyInfo {
	state := "verifying"
	switch {
	case k.id == current.id && k.use == useSignature:
		state = "signing"
	case k.id == current.id:
		state = "active"
	case k.notBefore.After(now):
		state = "next"
	}
	return KeyInfo{KeyID: k.id, Use: k.use, Algorithm: k.algorithm(), NotBefore: k.notBefore, State: state}
}

// current returns the key of the given use that is in force now.
func (r *Ring) current(use string) key { return r.keys.Load().current(use, r.now()) }

// JWKS returns the public signing keys as a JWK Set (RFC 7517, section 5) in JSON, in the order in which they come into
// force. Each key has kty, crv, x, y (ES256 only), kid, alg and use. If all keys are HS256, the set is {"keys":[]}. The
// caller must not modify the slice.
func (r *Ring) JWKS() []byte { return r.keys.Load().public }

// find looks up a key. If it is unknown, find reads the key file again, since the key may just have been added.
func (r *Ring) find(ctx context.Context, use string, t tag) (key, bool) {
	k, known := r.keys.Load().find(use, t)
	if !known {
		r.reloadForUnknownKey(ctx)
		k, known = r.keys.Load().find(use, t)
	}
	return k, known
}

var uses = []string{useSignature, useRefresh, useCursor}

// keySet is immutable except for its cache of verified tokens. Each use has at least one key.
type keySet struct {
	byUse  map[string][]key // by notBefore, ascending
	byName map[keyName]key
	public []byte // see Ring.JWKS

	verified verifiedTokens
}

// keyName identifies a key within a set.
type keyName struct {
	use string
	tag tag
}

func newKeySet(keys ...key) *keySet {
	set := &keySet{byUse: map[string][]key{}, byName: map[keyName]key{}}
	sorted := slices.SortedStableFunc(slices.Values(keys), func(a, b key) int { return a.notBefore.Compare(b.notBefore) })
	for _, k := range sorted {
		set.byUse[k.use] = append(set.byUse[k.use], k)
		set.byName[keyName{k.use, k.tag}] = k
	}
	set.public = publicSet(set.byUse[useSignature])
	return set
}

func (s *keySet) find(use string, t tag) (key, bool) {
	k, known := s.byName[keyName{use, t}]
	return k, known
}

// equal reports whether both sets have the same keys in the same order.
func (s *keySet) equal(other *keySet) bool {
	return maps.EqualFunc(s.byUse, other.byUse, func(a, b []key) bool { return slices.EqualFunc(a, b, key.equal) })
}

// newest returns the key of the given use that comes into force last.
func (s *keySet) newest(use string) key { return s.byUse[use][len(s.byUse[use])-1] }

// current returns the key of the given use that is in force at now. If the clock was set back to before the first key, it
// returns the first key, so that the service keeps working.
func (s *keySet) current(use string, now time.Time) key {
	keys := s.byUse[use]
	current := keys[0]
	for _, k := range keys[1:] {
		if !k.notBefore.After(now) {
			current = k
		}
	}
	return current
}
