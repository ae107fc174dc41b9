package rest_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/adapters/rest"
	"example.com/postern/adapters/rest/resttest"
	"example.com/postern/api"
	"example.com/postern/domain"
	"example.com/postern/domain/domaintest"
	"example.com/postern/domain/revocation"
	"example.com/postern/domain/throttle"
)

const (
	adaEmail    = "ada@example.com"
	adaPassword = "correct horse battery staple"
	tokenLife   = 30 * time.Minute
	sessionIdle = 14 * 24 * time.Hour
)

// service is the handler on a real listener, with the services of the domain and fakes of all driven ports.
type service struct {
	*httptest.Server
	t      *testing.T
	client *http.Client
	clock  *domaintest.Clock
	tokens *domaintest.Tokens
	hasher *domaintest.Hasher
	store  *domaintest.Store
	ended  *revocation.List
	events *domaintest.Events
	log    *logBuffer
	keys   []byte // the published key set
}

func newService(t *testing.T, change ...func(*rest.Options)) *service {
	t.Helper()
	s := &service{
		t:      t,
		client: resttest.NewClient(t),
		clock:  domaintest.NewClock(time.Date(2026, 11, 24, 9, 30, 0, 123456000, time.UTC)),
		tokens: &domaintest.Tokens{},
		hasher: &domaintest.Hasher{},
		store:  domaintest.NewStore(),
		events: &domaintest.Events{},
		log:    &logBuffer{},
		keys:   []byte(`{"keys":[]}`),
	}
	s.store.Clock = s.clock.Now
	s.ended = domain.NewRevocations(s.store, s.clock)
	refresh := &domaintest.RefreshTokens{}
	auth, err := domain.NewAuth(domain.AuthOptions{
		Store: s.store, Tokens: s.tokens, Refresh: refresh, Hasher: s.hasher, Clock: s.clock, Revocations: s.ended, Events: s.events,
		TokenLife: tokenLife, SessionIdle: sessionIdle, SessionLife: 90 * 24 * time.Hour, MinPassword: domain.MinPassword,
		Limits: throttle.DefaultLimits(), KeyedHash: domaintest.KeyedHash,
	})
	require.NoError(t, err)
	options := rest.Options{
		Auth:     auth,
		Sessions: domain.NewSessions(s.store, s.clock, refresh, s.ended, s.events),
		Users:    domain.NewUsers(s.store, nil),
		Posts:    domain.NewPosts(s.store, s.clock, 0, nil),
		Exports:  domain.NewExports(s.store, s.ended, 4, time.Minute),
		Emails:   domain.NewEmails(auth, &domaintest.EmailTokens{}, mailLink),
		Keys:     func() []byte { return s.keys },
		Cursors:  sealer{},
		Ready:    func(context.Context) error { return nil },
		Log:      slog.New(slog.NewJSONHandler(s.log, nil)),
	}
	for _, c := range change {
		c(&options)
	}
	handler, err := rest.NewHandler(options)
	require.NoError(t, err)
	s.Server = httptest.NewServer(handler)
	t.Cleanup(s.Close)
	return s
}

// mailLink begins the links in mails.
var mailLink = &url.URL{Scheme: "https", Host: "postern.example", Path: "/account"}

// sealer marks cursors with a prefix.
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

// logBuffer collects the log.
type logBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// answer is a response with its body in memory.
type answer struct {
	*http.Response
	body    []byte
	problem api.Problem // zero unless the answer is a problem
}

// send sends a request. The header is a list of alternating names and values.
func (s *service) send(method, target, body string, header ...string) answer {
	s.t.Helper()
	request, err := http.NewRequestWithContext(s.t.Context(), method, s.URL+target, strings.NewReader(body))
	require.NoError(s.t, err)
	for i := 0; i < len(header); i += 2 {
		request.Header.Add(header[i], header[i+1])
	}
	return s.do(request)
}

func (s *service) do(request *http.Request) answer {
	s.t.Helper()
	response, err := s.client.Do(request)
	require.NoError(s.t, err)
	defer response.Body.Close()
	a := answer{Response: response}
	a.body, err = io.ReadAll(response.Body)
	require.NoError(s.t, err)
	if strings.HasPrefix(response.Header.Get("Content-Type"), "application/problem+json") {
		require.NoError(s.t, json.Unmarshal(a.body, &a.problem))
	}
	return a
}

func (a answer) decode(t *testing.T, into any) {
	t.Helper()
	require.NoError(t, json.Unmarshal(a.body, into), string(a.body))
}

// fields returns the errors of the problem as "in name-or-pointer code".
func (a answer) fields() []string {
	var all []string
	for _, f := range a.problem.Errors {
		name := f.Name
		if name == nil {
			name = f.Pointer
		}
		all = append(all, string(f.In)+" "+*name+" "+string(f.Code))
	}
	return all
}

func (s *service) sendJSON(method, target, body string, header ...string) answer {
	s.t.Helper()
	return s.send(method, target, body, append(header, "Content-Type", "application/json")...)
}

func (s *service) sendForm(target string, form url.Values) answer {
	s.t.Helper()
	return s.send(http.MethodPost, target, form.Encode(), "Content-Type", "application/x-www-form-urlencoded")
}

// signUp creates an account and returns it with the Authorization header of a new session.
func (s *service) signUp(email string) (api.Account, []string) {
	s.t.Helper()
	created := s.sendJSON(http.MethodPost, "/users", toJSON(s.t, api.Registration{Email: email, Password: adaPassword}))
	require.Equal(s.t, http.StatusCreated, created.StatusCode, string(created.body))
	var account api.Account
	created.decode(s.t, &account)
	return account, bearer(s.logIn(email).AccessToken)
}

func (s *service) logIn(email string) api.Token {
	s.t.Helper()
	login := s.sendForm("/login", url.Values{"username": {email}, "password": {adaPassword}})
	require.Equal(s.t, http.StatusOK, login.StatusCode, string(login.body))
	var token api.Token
	login.decode(s.t, &token)
	return token
}

func bearer(token string) []string { return []string{"Authorization", "Bearer " + token} }

func (s *service) createPost(auth []string, in api.PostInput) api.Post {
	s.t.Helper()
	created := s.sendJSON(http.MethodPost, "/posts", toJSON(s.t, in), auth...)
	require.Equal(s.t, http.StatusCreated, created.StatusCode, string(created.body))
	var post api.Post
	created.decode(s.t, &post)
	return post
}

func toJSON(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	require.NoError(t, err)
	return string(text)
}
