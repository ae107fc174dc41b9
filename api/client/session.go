package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"
)

// ErrSessionEnded says that the session has ended, here or elsewhere, and that only another log-in helps. It often comes with the
// Problem that said so.
var ErrSessionEnded = errors.New("client: the session has ended")

// Session is a logged-in user, and what they may do. It is safe for concurrent use. It gets its next tokens by itself, shortly
// before the old ones expire or when the server says that they are not good any more; meanwhile other callers wait, so that
// they are asked for once.
type Session struct {
	api  *API
	raw  *ClientWithResponses
	save func(Tokens)

	saving sync.Mutex // held from a change to its being saved, so that tokens are saved in their order

	mu       sync.Mutex
	tokens   Tokens
	ended    error    // nil while the session lives
	renewing *renewal // nil unless the next tokens are on their way
}

// Tokens is what a session lives on. Whoever has them is the user: keep them as safe as a password. Printing does not show them.
type Tokens struct {
	AccessToken  string    `json:"access_token"`
	RefreshToken string    `json:"refresh_token"`
	ExpiresAt    time.Time `json:"expires_at"` // of the access token, by this machine's clock
}

// String hides the tokens.
func (t Tokens) String() string {
	return "client.Tokens{expires " + t.ExpiresAt.Format(time.RFC3339) + "}"
}

// GoString hides the tokens.
func (t Tokens) GoString() string { return t.String() }

// SessionOption is a choice for Login and Resume.
type SessionOption func(*Session)

// SaveTokens has save called with the tokens of a log-in and with each that follow, in order and never twice at once, before they
// are used; and with zero Tokens when the session has ended. What was saved is what Resume takes. Save must not call the session.
func SaveTokens(save func(Tokens)) SessionOption { return func(s *Session) { s.save = save } }

// Login begins a session. A wrong password and an unknown address are both ProblemCodeInvalidCredentials, and too many of them
// are ProblemCodeQuotaExceeded with RetryAfter.
func (a *API) Login(ctx context.Context, email, password string, options ...SessionOption) (*Session, error) {
	asked := time.Now()
	r, err := a.raw.LoginWithFormdataBodyWithResponse(ctx, LoginForm{Username: email, Password: password})
	if err != nil {
		return nil, err
	}
	if r.JSON200 == nil {
		return nil, problemOf(r.HTTPResponse, r.Body)
	}
	s, err := a.newSession(options)
	if err != nil {
		return nil, err
	}
	s.become(tokensOf(r.JSON200, asked), nil)
	return s, nil
}

// Resume goes on with a session whose tokens were saved. It sends nothing, so that whether they are good shows at the first call;
// zero Tokens are those of a session that has ended. Let only one Session at a time live on the same tokens: when two renew them
// more than 30 seconds apart, the server takes one for a thief and ends the session.
func (a *API) Resume(tokens Tokens, options ...SessionOption) (*Session, error) {
	s, err := a.newSession(options)
	if err != nil {
		return nil, err
	}
	s.tokens = tokens
	if tokens == (Tokens{}) {
		s.ended = ErrSessionEnded
	}
	return s, nil
}

// newSession returns a session that has no tokens yet.
func (a *API) newSession(options []SessionOption) (*Session, error) {
	s := &Session{api: a}
	for _, option := range options {
		option(s)
	}
	var err error
	s.raw, err = NewClientWithResponses(a.base, WithHTTPClient(doer(s.send)))
	return s, err
}

// Raw returns the generated client, with every operation. It sends the session's token, renews it and retries as the session does.
func (s *Session) Raw() *ClientWithResponses { return s.raw }

// API returns the API that the session is at.
func (s *Session) API() *API { return s.api }

// Tokens returns the newest tokens; zero when the session has ended.
func (s *Session) Tokens() Tokens {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tokens
}

// Logout ends the session, also when its access token has expired. It may be called again; when it fails, the session goes on.
func (s *Session) Logout(ctx context.Context) error {
	tokens := s.Tokens()
	if tokens.RefreshToken == "" {
		return nil
	}
	ctx = withCall(ctx, &call{repeatable: true})
	r, err := s.api.raw.LogoutWithFormdataBodyWithResponse(ctx, LogoutForm{RefreshToken: &tokens.RefreshToken})
	if err != nil {
		return err
	}
	if r.StatusCode() != http.StatusNoContent {
		return problemOf(r.HTTPResponse, r.Body)
	}
	s.become(Tokens{}, ErrSessionEnded)
	return nil
}

// become replaces the tokens, or ends the session if ended is not nil, and has that saved. Nothing follows an end.
func (s *Session) become(tokens Tokens, ended error) {
	s.saving.Lock()
	defer s.saving.Unlock()
	s.mu.Lock()
	over := s.ended != nil
	s.mu.Unlock()
	if over {
		return
	}
	if s.save != nil {
		s.save(tokens)
	}
	s.mu.Lock()
	s.tokens, s.ended = tokens, ended
	s.mu.Unlock()
}

// end ends the session for a reason.
func (s *Session) end(reason *Problem) error {
	ended := fmt.Errorf("%w: %w", ErrSessionEnded, reason)
	s.become(Tokens{}, ended)
	return ended
}

// tokensOf returns the tokens of an answer that was asked for at that time.
func tokensOf(t *Token, asked time.Time) Tokens {
	return Tokens{t.AccessToken, t.RefreshToken, asked.Add(time.Duration(t.ExpiresIn) * time.Second)}
}
