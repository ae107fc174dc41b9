package client

import (
	"context"
	"errors"
	"sync"
	"time"

	"example.com/postern/api/client/wire"
	"golang.org/x/sync/singleflight"
)

// ErrSessionEnded means that the session has ended, here or elsewhere: log in again. It may wrap the Problem that ended it.
var ErrSessionEnded = errors.New("client: the session has ended")

// Session calls the operations that need a logged-in user. It is safe for concurrent use. It renews its tokens by itself, shortly
// before they expire or when the server refuses them. Concurrent callers share one renewal.
type Session struct {
	caller

	api      *API
	save     func(Tokens)
	renewals singleflight.Group

	saving sync.Mutex // held while tokens change and are saved, so that they are saved in order

	mu     sync.Mutex
	tokens Tokens
	ended  error // nil while the session lives
}

// Tokens keep a session alive. Anyone who has them can act as the user: keep them as safe as a password. Printing hides them.
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

// SessionOption configures a Session.
type SessionOption func(*Session)

// SaveTokens calls save with the tokens of a login and of each renewal before they are used, and with zero Tokens when the
// session has ended. The calls come in order, one at a time. API.Resume takes the saved tokens. save must not call the
// session.
func SaveTokens(save func(Tokens)) SessionOption { return func(s *Session) { s.save = save } }

// Login starts a session. If the password is wrong or the address is unknown, the error is ProblemCodeInvalidCredentials. If
// the password is right but the account is suspended, the error is ProblemCodeAccountSuspended. After too many failures, the
// error is ProblemCodeQuotaExceeded with RetryAfter.
func (a *API) Login(ctx context.Context, email, password string, options ...SessionOption) (*Session, error) {
	asked := time.Now()
	token, err := decode[wire.Token](a.raw.LoginWithFormdataBody(ctx, wire.LoginForm{Username: email, Password: password}))
	if err != nil {
		return nil, err
	}
	s, err := a.newSession(options)
	if err != nil {
		return nil, err
	}
	s.become(tokensOf(token, asked), nil)
	return s, nil
}

// Resume continues a session with saved tokens. It sends nothing: the first call shows whether the tokens are valid. Zero Tokens
// give a session that has ended. Use tokens in one Session at a time: if two renew them more than 30 seconds apart, the server
// assumes that the tokens were stolen and ends the session.
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
	s.caller, err = newCaller(a.base, s.send)
	return s, err
}

// API returns the API that the session belongs to.
func (s *Session) API() *API { return s.api }

// Tokens returns the current tokens. They are zero when the session has ended.
func (s *Session) Tokens() Tokens {
	tokens, _ := s.state()
	return tokens
}

// state returns the current tokens, and the error that ended the session, if it has ended.
func (s *Session) state() (Tokens, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.tokens, s.ended
}

// Logout ends the session, even if its access token has expired. It is idempotent. If it fails, the session continues.
func (s *Session) Logout(ctx context.Context) error {
	tokens := s.Tokens()
	if tokens.RefreshToken == "" {
		return nil
	}
	ctx = withCall(ctx, call{repeatable: true})
	if err := noContent(s.api.raw.LogoutWithFormdataBody(ctx, wire.LogoutForm{RefreshToken: &tokens.RefreshToken})); err != nil {
		return err
	}
	s.become(Tokens{}, ErrSessionEnded)
	return nil
}

// become replaces and saves the tokens, or ends the session if ended is not nil. A session that has ended stays so.
func (s *Session) become(tokens Tokens, ended error) {
	s.saving.Lock()
	defer s.saving.Unlock()
	if _, over := s.state(); over != nil {
		return
	}
	if s.save != nil {
		s.save(tokens)
	}
	s.mu.Lock()
	s.tokens, s.ended = tokens, ended
	s.mu.Unlock()
}

// tokensOf returns the tokens in an answer to a request that was sent at the time asked.
func tokensOf(t *wire.Token, asked time.Time) Tokens {
	return Tokens{t.AccessToken, t.RefreshToken, asked.Add(time.Duration(t.ExpiresIn) * time.Second)}
}
