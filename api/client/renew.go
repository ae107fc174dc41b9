package client

import (
	"context"
	"errors"
	"net/http"
	"time"
)

const (
	// renewBefore is how long before its end an access token is renewed. It lives a minute at least.
	renewBefore = 15 * time.Second
	// renewTimeout is less than the 30 seconds in which the answer to a refresh token may be asked for again.
	renewTimeout = 25 * time.Second
)

// renewal is the next tokens on their way.
type renewal struct {
	done chan struct{} // closed when err is set
	err  error
}

// send sends a request with the access token, and once more with the next if that is not good any more.
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

// accessToken returns a token that is good for a while. If there is none to be had, one that is good for now is better than none.
func (s *Session) accessToken(ctx context.Context) (string, error) {
	s.mu.Lock()
	tokens, ended := s.tokens, s.ended
	s.mu.Unlock()
	if ended != nil {
		return "", ended
	}
	if time.Until(tokens.ExpiresAt) > renewBefore {
		return tokens.AccessToken, nil
	}
	token, err := s.renew(ctx, tokens.AccessToken)
	if err != nil && !errors.Is(err, ErrSessionEnded) && time.Until(tokens.ExpiresAt) > 0 {
		return tokens.AccessToken, nil
	}
	return token, err
}

// renew returns the access token after old, which somebody else may have got already.
func (s *Session) renew(ctx context.Context, old string) (string, error) {
	s.mu.Lock()
	if s.ended != nil || s.tokens.AccessToken != old {
		defer s.mu.Unlock()
		return s.tokens.AccessToken, s.ended
	}
	if s.renewing == nil {
		s.renewing = &renewal{done: make(chan struct{})}
		// Others wait for it too: it does not end with the context of who happens to be the first.
		go s.exchange(context.WithoutCancel(ctx), s.renewing, s.tokens.RefreshToken)
	}
	renewing := s.renewing
	s.mu.Unlock()
	select {
	case <-renewing.done:
	case <-ctx.Done():
		return "", ctx.Err()
	}
	if renewing.err != nil {
		return "", renewing.err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tokens.AccessToken, s.ended
}

// exchange gets the next tokens for a refresh token, and tells all who wait.
func (s *Session) exchange(ctx context.Context, renewing *renewal, refreshToken string) {
	ctx, cancel := context.WithTimeout(ctx, renewTimeout)
	defer cancel()
	renewing.err = s.refresh(ctx, refreshToken)
	s.mu.Lock()
	s.renewing = nil
	s.mu.Unlock()
	close(renewing.done)
}

// refresh gets the next tokens for a refresh token. The session ends if that is dead.
func (s *Session) refresh(ctx context.Context, refreshToken string) error {
	asked := time.Now()
	ctx = withCall(ctx, &call{repeatable: true}) // a lost answer can be asked for again
	form := TokenForm{GrantType: TokenGrantTypeRefreshToken, RefreshToken: &refreshToken}
	r, err := s.api.raw.CreateTokenWithFormdataBodyWithResponse(ctx, form)
	switch {
	case err != nil:
		return err
	case r.JSON200 != nil:
		s.become(tokensOf(r.JSON200, asked), nil)
		return nil
	case r.JSON400 != nil && r.JSON400.Error == OAuthErrorCodeInvalidGrant:
		return s.end(problemOf(r.HTTPResponse, r.Body))
	}
	return problemOf(r.HTTPResponse, r.Body)
}
