package client_test

import (
	"context"
	"encoding/base64"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/adapters/rest"
	"example.com/postern/api/client"
	"example.com/postern/domain"
	"example.com/postern/domain/domaintest"
	"example.com/postern/domain/throttle"
)

const (
	ada      = "ada@example.com"
	password = "correct horse battery staple"
)

// server is Postern with fakes of all driven ports.
type server struct {
	*httptest.Server
	clock  *domaintest.Clock
	store  *domaintest.Store
	emails *domain.Emails
	token  atomic.Int32 // how many requests POST /token got
	hold   atomic.Value // a func(*http.Request) that is called before each request is served
	lose   atomic.Int32 // how many of the next answers are lost
}

// loseAnswers serves the next n requests and drops their answers.
func (s *server) loseAnswers(n int32) { s.lose.Store(n) }

func newServer() *server {
	s := &server{clock: domaintest.NewClock(time.Date(2026, 11, 24, 9, 30, 0, 0, time.UTC))}
	store, events, refresh := domaintest.NewStore(), &domaintest.Events{}, &domaintest.RefreshTokens{}
	s.store, store.Clock = store, s.clock.Now
	ended := domain.NewRevocations(store, s.clock)
	auth, err := domain.NewAuth(domain.AuthOptions{
		Store: store, Tokens: &domaintest.Tokens{}, Refresh: refresh, Hasher: &domaintest.Hasher{}, Clock: s.clock, Revocations: ended,
		Events: events, TokenLife: 30 * time.Minute, SessionIdle: 14 * 24 * time.Hour, SessionLife: 90 * 24 * time.Hour,
		MinPassword: domain.MinPassword, Limits: throttle.DefaultLimits(), KeyedHash: domaintest.KeyedHash,
	})
	if err != nil {
		panic(err)
	}
	s.emails = domain.NewEmails(auth, &domaintest.EmailTokens{}, &url.URL{Scheme: "https", Host: "postern.example", Path: "/account"})
	handler, err := rest.NewHandler(rest.Options{
		Auth:     auth,
		Sessions: domain.NewSessions(store, s.clock, refresh, ended, events),
		Users:    domain.NewUsers(store, nil),
		Posts:    domain.NewPosts(store, s.clock, 0, nil),
		Exports:  domain.NewExports(store, ended, 4, time.Minute),
		Emails:   s.emails,
		Keys:     func() []byte { return []byte(`{"keys":[]}`) },
		Cursors:  sealer{},
		Ready:    func(context.Context) error { return nil },
		Log:      slog.New(slog.DiscardHandler),
	})
	if err != nil {
		panic(err)
	}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/token" {
			s.token.Add(1)
		}
		if hold, ok := s.hold.Load().(func(*http.Request)); ok {
			hold(r)
		}
		if s.lose.Add(-1) >= 0 {
			handler.ServeHTTP(httptest.NewRecorder(), r)
			panic(http.ErrAbortHandler)
		}
		handler.ServeHTTP(w, r)
	}))
	return s
}

var tokenInLink = regexp.MustCompile(`#token=(\S+)`)

// mailToken returns the token in the newest mail that has a link. It takes all mails out of the outbox.
func (s *server) mailToken(t *testing.T) (token string) {
	t.Helper()
	now := s.clock.Now()
	items, err := s.store.Outbox().Claim(t.Context(), now, now.Add(time.Minute), 100)
	require.NoError(t, err)
	for _, item := range items {
		mail, err := s.emails.Compose(t.Context(), item)
		require.NoError(t, err)
		if mail == nil {
			continue
		}
		if found := tokenInLink.FindStringSubmatch(mail.Text); found != nil {
			token = found[1]
		}
	}
	require.NotEmpty(t, token, "no mail has a link")
	return token
}

// sealer marks cursors instead of sealing them.
type sealer struct{}

func (sealer) SealCursor(payload []byte) string {
	return "sealed" + base64.RawURLEncoding.EncodeToString(payload)
}

func (sealer) OpenCursor(cursor string) ([]byte, error) {
	text, ok := strings.CutPrefix(cursor, "sealed")
	if !ok {
		return nil, errors.New("not sealed")
	}
	return base64.RawURLEncoding.Strict().DecodeString(text)
}

// logIn starts a server and returns it with a session of a new user.
func logIn(t *testing.T, options ...client.SessionOption) (*server, *client.Session) {
	t.Helper()
	s := newServer()
	t.Cleanup(s.Close)
	api, err := client.New(s.URL)
	require.NoError(t, err)
	_, err = api.SignUp(t.Context(), ada, password)
	require.NoError(t, err)
	session, err := api.Login(t.Context(), ada, password, options...)
	require.NoError(t, err)
	return s, session
}

// script is a server in memory, so that time can be virtual. It gives each answer once, and repeats the last.
type script struct {
	answers  []answer
	requests []*http.Request
	bodies   []string
	at       []time.Duration // since the first request
	began    time.Time
}

// answer is an answer of a script.
type answer struct {
	status int
	header http.Header
	body   string
	err    error // the answer is lost
}

func (s *script) RoundTrip(r *http.Request) (*http.Response, error) {
	if len(s.requests) == 0 {
		s.began = time.Now()
	}
	s.requests, s.at = append(s.requests, r), append(s.at, time.Since(s.began))
	s.bodies = append(s.bodies, read(r.Body))
	a := s.answers[min(len(s.requests), len(s.answers))-1]
	if a.err != nil {
		return nil, a.err
	}
	w := httptest.NewRecorder()
	for name, values := range a.header {
		w.Header()[name] = values
	}
	w.WriteHeader(a.status)
	w.WriteString(a.body)
	response := w.Result()
	response.Request = r
	return response, nil
}

// api returns an API whose server is the script.
func (s *script) api(t *testing.T, options ...client.Option) *client.API {
	t.Helper()
	api, err := client.New("http://postern.test", append([]client.Option{client.UseClient(&http.Client{Transport: s})}, options...)...)
	require.NoError(t, err)
	return api
}

// session returns a session with a valid token.
func (s *script) session(t *testing.T) *client.Session {
	t.Helper()
	session, err := s.api(t).Resume(client.Tokens{AccessToken: "a1", RefreshToken: "r1", ExpiresAt: time.Now().Add(time.Hour)})
	require.NoError(t, err)
	return session
}
