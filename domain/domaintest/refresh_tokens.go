package domaintest

import (
	"errors"
	"fmt"
	"sync"

	"example.com/postern/domain"
)

// RefreshTokens is a [domain.RefreshTokens] with readable tokens. It accepts only tokens that it has minted. The zero value
// is ready to use and has a key named "key". It is safe for concurrent use.
type RefreshTokens struct {
	mu     sync.Mutex
	keyID  string
	gone   map[string]bool
	minted map[string]domain.RefreshToken
}

// RefreshKeyID returns the name of the key that Rotate set.
func (r *RefreshTokens) RefreshKeyID() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.keyID == "" {
		return "key"
	}
	return r.keyID
}

// Rotate sets the key for new sessions.
func (r *RefreshTokens) Rotate(keyID string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.keyID = keyID
}

// Drop removes a key. After that, the key mints no tokens, and its tokens are not accepted.
func (r *RefreshTokens) Drop(keyID string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.gone == nil {
		r.gone = make(map[string]bool)
	}
	r.gone[keyID] = true
}

// MintRefresh returns "refresh.KEY.EPOCH.SESSION.N".
func (r *RefreshTokens) MintRefresh(t domain.RefreshToken) (string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.gone[t.KeyID] {
		return "", errors.New("domaintest: the key was dropped")
	}
	if r.minted == nil {
		r.minted = make(map[string]domain.RefreshToken)
	}
	text := fmt.Sprintf("refresh.%s.%s.%s.%d", t.KeyID, t.Epoch, t.SessionID, t.N)
	r.minted[text] = t
	return text, nil
}

// ParseRefresh returns the token that was minted as text.
func (r *RefreshTokens) ParseRefresh(text string) (domain.RefreshToken, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	t, ok := r.minted[text]
	if !ok || r.gone[t.KeyID] {
		return domain.RefreshToken{}, errors.New("domaintest: this fake did not make the refresh token")
	}
	return t, nil
}
