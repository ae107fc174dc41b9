package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"example.com/postern/api/client/wire"
)

const (
	// renewBefore is how long before its expiry an access token is renewed. An access token lives at least a minute.
	renewBefore = 15 * time.Second
	// renewTimeout is shorter than the 30 seconds in which the server accepts the same refresh token again.
	renewTimeout = 25 * time.Second
)

// send sends a request with the access token. If the server refuses the token, it sends the request once more with the next.
func (s *Session) send(req *http.Request) (*http.Response, error) {
	token, err := s.accessToken(req.Context())
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+token)
	resp, err := s.api.send(req)
	if err != nil || !isBadToken(resp) {
		return resp, err
	}
	next, err := rewind(req)
	if err != nil {
		return resp, nil
	}
	resp.Body.Close()
	if token, err = s.renew(req.Context(), token); err != nil {
		return nil, err
	}
	next.Header.Set("Authorization", "Bearer "+token)
	return s.api.send(next)
}

// accessToken returns a token that does not expire soon. If the renewal fails, it returns a token that has not expired yet.
func (s *Session) accessToken(ctx context.Context) (string, error) {
	tokens, ended := s.state()
	if ended != nil || time.Until(tokens.ExpiresAt) > renewBefore {
		return tokens.AccessToken, ended
	}
	token, err := s.renew(ctx, tokens.AccessToken)
	if err != nil && !errors.Is(err, ErrSessionEnded) && time.Until(tokens.ExpiresAt) > 0 {
		return tokens.AccessToken, nil
	}
	return token, err
}

// renew returns the access token that follows old. Concurrent callers share one renewal.
func (s *Session) renew(ctx context.Context, old string) (string, error) {
	shared := context.WithoutCancel(ctx) // other callers wait, too, so the renewal does not end with the context of the first
	renewal := s.renewals.DoChan("", func() (any, error) { return nil, s.refresh(shared, old) })
	select {
	case result := <-renewal:
		if result.Err != nil {
			return "", result.Err
		}
	case <-ctx.Done():
		return "", ctx.Err()
	}
	tokens, ended := s.state()
	return tokens.AccessToken, ended
}

// refresh replaces the tokens, unless another caller has replaced the access token old already. It ends the session if the
// server refuses the refresh token.
func (s *Session) refresh(ctx context.Context, old string) error {
	tokens, ended := s.state()
	if ended != nil || tokens.AccessToken != old {
		return ended
	}
	ctx, cancel := context.WithTimeout(ctx, renewTimeout)
	defer cancel()
	ctx = withCall(ctx, call{repeatable: true}) // after a lost answer, the server gives the same tokens again
	asked := time.Now()
	form := wire.TokenForm{GrantType: wire.TokenGrantTypeRefreshToken, RefreshToken: &tokens.RefreshToken}
	r, err := s.api.raw.CreateTokenWithFormdataBodyWithResponse(ctx, form)
	if err != nil {
		return err
	}
	if r.JSON200 != nil {
		s.become(tokensOf(r.JSON200, asked), nil)
		return nil
	}
	refused := ProblemOf(r.HTTPResponse, r.Body)
	if r.JSON400 == nil || r.JSON400.Error != wire.OAuthErrorCodeInvalidGrant {
		return refused
	}
	ended = fmt.Errorf("%w: %w", ErrSessionEnded, refused)
	s.become(Tokens{}, ended)
	return ended
}
