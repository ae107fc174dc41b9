package token

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"example.com/postern/domain"
)

// tokenType is the typ header of access tokens (RFC 9068, section 2.1). It separates them from anything else that is signed
// with the same key (RFC 8725, section 3.11).
const tokenType = "at+jwt"

// Options holds the claims that all tokens share. Both are required.
type Options struct {
	Issuer   string // the iss claim (RFC 7519, section 4.1.1)
	Audience string // the aud claim (RFC 7519, section 4.1.3)
}

// Service issues and verifies access tokens with the keys of a ring. It is safe for concurrent use.
type Service struct {
	ring    *Ring
	options Options
}

var _ domain.TokenService = (*Service)(nil)

// NewService returns a Service that uses the keys of ring.
func NewService(ring *Ring, o Options) *Service { return &Service{ring, o} }

// Issue implements [domain.TokenService]. It returns an error if Verify would refuse the token: if its lifetime is not
// positive or exceeds [domain.MaxTokenLife], the user is out of range, or the session is empty.
func (s *Service) Issue(_ context.Context, c domain.Claims) (string, error) {
	out := claims{
		Issuer: s.options.Issuer, Audience: s.options.Audience,
		Subject: strconv.FormatInt(int64(c.UserID), 10), UserID: int64(c.UserID),
		IssuedAt: c.IssuedAt.Unix(), NotBefore: c.IssuedAt.Unix(), ExpiresAt: c.ExpiresAt.Unix(),
		TokenID: rand.Text(), SessionID: string(c.SessionID),
	}
	var err error
	if c.Epoch != "" {
		out.Epoch, err = jsontext.AppendQuote(nil, c.Epoch)
	}
	if err := errors.Join(err, out.check(s.options, c.IssuedAt)); err != nil {
		return "", fmt.Errorf("issue an access token: %w", err)
	}
	token, err := s.ring.current(useSignature).signJWS(tokenType, out)
	if err != nil {
		return "", fmt.Errorf("sign an access token: %w", err)
	}
	return token, nil
}

// Verify implements [domain.TokenService]. A token is valid if a key of the ring signed it by that key's algorithm, its type
// is at+jwt, and all its claims are present and hold at now. There is no leeway for exp, and 30 seconds for iat and nbf.
func (s *Service) Verify(ctx context.Context, token string, now time.Time) (domain.Claims, error) {
	c, err := s.verify(ctx, token, now)
	if err != nil {
		return domain.Claims{}, fmt.Errorf("%w: %w", domain.ErrBadToken, err)
	}
	return domain.Claims{
		UserID: domain.UserID(c.UserID), SessionID: domain.SessionID(c.SessionID), Epoch: c.epoch(),
		IssuedAt: time.Unix(c.IssuedAt, 0).UTC(), ExpiresAt: time.Unix(c.ExpiresAt, 0).UTC(),
	}, nil
}

func (s *Service) verify(ctx context.Context, token string, now time.Time) (claims, error) {
	keys := s.ring.keys.Load()
	c, known := keys.verified.get(token)
	if !known {
		var err error
		if c, err = s.read(ctx, token); err != nil {
			return claims{}, err
		}
		keys.verified.put(token, c)
	}
	return c, c.check(s.options, now)
}

// read returns the claims of a token that a key of the ring signed.
func (s *Service) read(ctx context.Context, token string) (claims, error) {
	h, payload, err := s.ring.verifySignature(ctx, token)
	if err != nil {
		return claims{}, err
	}
	if h.Type != tokenType {
		return claims{}, errors.New("the typ is not at+jwt")
	}
	return parseClaims(payload)
}
