package jwt

import (
	"context"
	"slices"
	"sync/atomic"
	"time"

	"example.com/postern/domain"
)

// Ring is a set of keys, each for one use. The one in use is that with the greatest nbf that is not in the future; the
// others of its use still verify, or will. A ring is safe for concurrent use.
type Ring struct {
	keys atomic.Pointer[keySet]
	now  domain.Clock
	file *watchedFile // nil when the keys come from a secret
}

// KeyInfo is what may be told of a key: everything but its material.
type KeyInfo struct {
	KeyID     string
	Use       string    // "sig" (access tokens), "refresh" or "cursor"
	Algorithm string    // as in the alg header (RFC 7518, section 3.1)
	NotBefore time.Time // UTC; zero when the key comes from a secret
	State     string    // "signing" (or "active", unless Use is "sig"), "next" or "verifying"
}

// Keys returns what may be told of every key, grouped by use ("sig", "refresh", "cursor"), the one that came into force
// first at the head of its group.
func (r *Ring) Keys() []KeyInfo {
	set, now := r.keys.Load(), r.now()
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
	return KeyInfo{KeyID: k.id, Use: k.use, Algorithm: k.method.Alg(), NotBefore: k.notBefore, State: state}
}

// current returns the key of that use which is in force now.
func (r *Ring) current(use string) key { return r.keys.Load().current(use, r.now()) }

// verifier returns the signing key of that identifier. One it does not know may have come into the file a moment ago.
func (r *Ring) verifier(ctx context.Context, id string) (key, bool) {
	k, known := r.keys.Load().signing[id]
	if !known {
		r.reloadForUnknownKey(ctx)
		k, known = r.keys.Load().signing[id]
	}
	return k, known
}

var uses = []string{useSignature, useRefresh, useCursor}

// keySet is never changed after it is made. Each use has at least one key.
type keySet struct {
	byUse   map[string][]key // by notBefore, ascending
	signing map[string]key   // by id
	cursors map[tag]key
}

func newKeySet(keys ...key) *keySet {
	set := &keySet{byUse: map[string][]key{}, signing: map[string]key{}, cursors: map[tag]key{}}
	sorted := slices.SortedStableFunc(slices.Values(keys), func(a, b key) int { return a.notBefore.Compare(b.notBefore) })
	for _, k := range sorted {
		set.byUse[k.use] = append(set.byUse[k.use], k)
		switch k.use {
		case useSignature:
			set.signing[k.id] = k
		case useCursor:
			set.cursors[k.tag] = k
		}
	}
	return set
}

// current returns the key of that use which is in force at now. If the clock was set back before the first one, that is
// the first one, so that the service goes on.
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
