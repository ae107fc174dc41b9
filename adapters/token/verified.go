package token

import "sync"

// maxVerified is the number of tokens in each of the cache's two generations. A token takes about 1 KiB.
const maxVerified = 4096

// verifiedTokens caches the claims of tokens whose signature was verified. Each key set has its own cache, which therefore
// never outlives a key. Checks that depend on the time, such as the expiry, are made at each use. The zero value is an empty
// cache. It is safe for concurrent use.
type verifiedTokens struct {
	mu         sync.RWMutex
	young, old map[string]claims // by token; a full young generation replaces the old one
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
