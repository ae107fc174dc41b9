package client

import (
	"context"
	"errors"
	"net/http"
	"time"

	"example.com/postern/api/client/wire"
)

const (
	// renewBefore is how long before it expires an access token is renewed. An access token lives at least a minute.
	renewBefore = 15 * time.Second
	// renewTimeout is shorter than the 30 seconds in which the server accepts the same refresh token again.
	renewTimeout = 25 * time.Second
)

// renewal is an exchange of tokens that several callers wait for.
type renewal struct {
	done chan struct{} // closed when err is set
	err  error
}

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

// renew returns the access token that follows old. Another caller may have renewed it already.
func (s *Session) renew(ctx context.Context, old string) (string, error) {
	s.mu.Lock()
	if s.ended != nil || s.tokens.AccessToken != old {
		defer s.mu.Unlock()
		return s.tokens.AccessToken, s.ended
	}
	if s.renewing == nil {
		s.renewing = &renewal{done: make(chan struct{})}
		// Other callers wait for it too, so it does not end with the context of the first.
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

// exchange gets the next tokens for a refresh token and wakes the callers that wait.
func (s *Session) exchange(ctx context.Context, renewing *renewal, refreshToken string) {
	ctx, cancel := context.WithTimeout(ctx, renewTimeout)
	defer cancel()
	renewing.err = s.refresh(ctx, refreshToken)
	s.mu.Lock()
	s.renewing = nil
	s.mu.Unlock()
	close(renewing.done)
}

// refresh gets the next tokens for a refresh token. It ends the session if the server refuses the token.
func (s *Session) refresh(ctx context.Context, refreshToken string) error {
	asked := time.Now()
	ctx = withCall(ctx, &call{repeatable: true}) // after a lost answer, the server gives the same tokens again
	form := wire.TokenForm{GrantType: wire.TokenGrantTypeRefreshToken, RefreshToken: &refreshToken}
	r, err := s.api.raw.CreateTokenWithFormdataBodyWithResponse(ctx, form)
	switch {
	case err != nil:
		return err
	case r.JSON200 != nil:
		s.become(tokensOf(r.JSON200, asked), nil)
		return nil
	case r.JSON400 != nil && r.JSON400.Error == wire.OAuthErrorCodeInvalidGrant:
		return s.end(ProblemOf(r.HTTPResponse, r.Body))
	}
	return ProblemOf(r.HTTPResponse, r.Body)
}
