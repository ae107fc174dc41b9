package domaintest

import (
	"errors"
	"fmt"
	"sync"

	"example.com/postern/domain"
)

// RefreshTokens is a domain.RefreshTokens whose tokens say what they are for, and which accepts those that it has minted.
// The zero value is ready, with a key named "key". It is safe for concurrent use.
type RefreshTokens struct {
	mu     sync.Mutex
	keyID  string
	gone   map[string]bool
	minted map[string]refreshToken
}

type refreshToken struct {
	keyID string
	sid   domain.SessionID
	n     int64
}

// RefreshKeyID names the key that Rotate set.
func (r *RefreshTokens) RefreshKeyID() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.keyID == "" {
		return "key"
	}
	return r.keyID
}

// Rotate names another key for new sessions.
func (r *RefreshTokens) Rotate(keyID string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.keyID = keyID
}

// Drop removes a key: nothing can be minted with it any more, and what was minted is not accepted.
func (r *RefreshTokens) Drop(keyID string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.gone == nil {
		r.gone = make(map[string]bool)
	}
	r.gone[keyID] = true
}

// MintRefresh returns "refresh.KEY.SESSION.N".
func (r *RefreshTokens) MintRefresh(keyID string, sid domain.SessionID, n int64) (string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.gone[keyID] {
		return "", errors.New("domaintest: the key is gone")
	}
	if r.minted == nil {
		r.minted = make(map[string]refreshToken)
	}
	token := fmt.Sprintf("refresh.%s.%s.%d", keyID, sid, n)
	r.minted[token] = refreshToken{keyID, sid, n}
	return token, nil
}

// ParseRefresh returns what the token was minted for.
func (r *RefreshTokens) ParseRefresh(refresh string) (keyID string, sid domain.SessionID, n int64, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	t, ok := r.minted[refresh]
	if !ok || r.gone[t.keyID] {
		return "", "", 0, errors.New("domaintest: the refresh token is not one of ours")
	}
	return t.keyID, t.sid, t.n, nil
}
