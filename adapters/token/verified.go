package token

import "sync"

// maxVerified is how many tokens each of the two generations of a cache holds, at about 1 KiB each.
const maxVerified = 4096

// verifiedTokens remembers what tokens say whose signature was checked. It belongs to one set of keys and is thrown away with
// it, so that it outlives no key. What depends on the time, such as the expiry, is checked anew at each use. The zero value is
// empty and ready.
type verifiedTokens struct {
	mu         sync.RWMutex
	young, old map[string]claims // by token; old ones are dropped when the young are too many
}

func (v *verifiedTokens) get(token string) (claims, bool) {
	v.mu.RLock()
	c, known := v.young[token]
	if known {
		v.mu.RUnlock()
		return c, true
	}
	c, known = v.old[token]
	v.mu.RUnlock()
	if known {
		v.put(token, c)
	}
	return c, known
}

func (v *verifiedTokens) put(token string, c claims) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.young == nil || len(v.young) >= maxVerified {
		v.old, v.young = v.young, make(map[string]claims)
	}
	v.young[token] = c
}
