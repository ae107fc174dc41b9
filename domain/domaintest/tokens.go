package domaintest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"sync"
	"time"

	"example.com/postern/domain"
)

// Tokens is a [domain.TokenService] whose tokens are random texts. It accepts only tokens that it has issued. The zero value is
// ready to use. It is safe for concurrent use.
type Tokens struct {
	mu     sync.Mutex
	issued map[string]domain.Claims
}

// Issue returns a new token, or an error if it would live longer than domain.MaxTokenLife.
func (t *Tokens) Issue(_ context.Context, c domain.Claims) (string, error) {
	if c.ExpiresAt.Sub(c.IssuedAt) > domain.MaxTokenLife {
		return "", errors.New("domaintest: the lifetime of the token is too long")
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.issued == nil {
		t.issued = make(map[string]domain.Claims)
	}
	token := rand.Text()
	t.issued[token] = c
	return token, nil
}

// Verify returns the claims of a token until its ExpiresAt, or domain.ErrBadToken.
func (t *Tokens) Verify(_ context.Context, token string, now time.Time) (domain.Claims, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	claims, ok := t.issued[token]
	if !ok {
		return domain.Claims{}, fmt.Errorf("%w: it is not one of ours", domain.ErrBadToken)
	}
	if !now.Before(claims.ExpiresAt) {
		return domain.Claims{}, fmt.Errorf("%w: it has expired", domain.ErrBadToken)
	}
	return claims, nil
}
