package domain_test

import (
	"context"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
	"example.com/postern/domain/domaintest"
	"example.com/postern/domain/revocation"
	"example.com/postern/domain/throttle"
)

const (
	ada      = "ada@example.com"
	password = "correct horse battery"
	life     = 30 * time.Minute

	idle        = 14 * 24 * time.Hour
	sessionLife = 90 * 24 * time.Hour
)

// world holds all services, on fakes.
type world struct {
	store  *spyStore
	fake   *domaintest.Store // the store behind the spy
	clock  *domaintest.Clock
	hasher *domaintest.Hasher
	tokens *domaintest.Tokens

	emailTokens *domaintest.EmailTokens

	refresh  *domaintest.RefreshTokens
	events   *domaintest.Events
	ended    *revocation.List
	auth     domain.AuthService
	emails   *domain.Emails
	sessions domain.SessionService
	users    domain.UserService
	posts    domain.PostService
}

func newWorld(t testing.TB) *world {
	t.Helper()
	clock := domaintest.NewClock(time.Date(2026, 3, 1, 12, 0, 0, 123456000, time.UTC))
	store := domaintest.NewStore()
	store.Clock = clock.Now
	w := &world{
		store: &spyStore{Store: store}, fake: store, clock: clock, hasher: &domaintest.Hasher{}, tokens: &domaintest.Tokens{},
		emailTokens: &domaintest.EmailTokens{}, refresh: &domaintest.RefreshTokens{}, events: &domaintest.Events{},
	}
	w.open(t, w.options())
	return w
}

// open creates the services of an instance. It has polled the store once.
func (w *world) open(t testing.TB, o domain.AuthOptions) {
	t.Helper()
	auth, err := domain.NewAuth(o)
	require.NoError(t, err)
	w.auth, w.emails = auth, domain.NewEmails(auth, w.emailTokens, &url.URL{Scheme: "https", Host: "a.example", Path: "/account"})
	w.ended = o.Revocations
	require.NoError(t, w.ended.Load(t.Context()))
	w.sessions = domain.NewSessions(w.store, w.clock, w.refresh, w.ended, w.events)
	w.users = domain.NewUsers(w.store, nil)
	w.posts = domain.NewPosts(w.store, w.clock, 0, nil)
}

// another returns another instance with the same store and keys.
func (w *world) another(t testing.TB) *world {
	t.Helper()
	other := *w
	other.open(t, w.options())
	return &other
}

func (w *world) options() domain.AuthOptions {
	return domain.AuthOptions{
		Store: w.store, Tokens: w.tokens, Refresh: w.refresh, Hasher: w.hasher, Clock: w.clock,
		Revocations: domain.NewRevocations(w.store, w.clock), Events: w.events,
		TokenLife: life, SessionIdle: idle, SessionLife: sessionLife, MinPassword: domain.MinPassword, Limits: throttle.DefaultLimits(),
		KeyedHash: domaintest.KeyedHash, Notices: true,
	}
}

// register creates an account with the usual password.
func (w *world) register(t testing.TB, email string) domain.User {
	t.Helper()
	user, err := w.auth.Register(t.Context(), domain.Registration{Email: email, Password: domain.NewPassword(password)})
	require.NoError(t, err)
	return user
}

func (w *world) login(ctx context.Context, email, password string) (domain.Tokens, error) {
	return w.auth.Login(ctx, domain.Credentials{Email: email, Password: domain.NewPassword(password)})
}

// epoch returns the store's epoch.
func (w *world) epoch(t testing.TB) domain.Epoch {
	t.Helper()
	epoch, err := w.store.Epoch(t.Context())
	require.NoError(t, err)
	return epoch
}

// mint makes the nth refresh token of a session with a key.
func (w *world) mint(t testing.TB, key string, sid domain.SessionID, n int64) string {
	t.Helper()
	token, err := w.refresh.MintRefresh(domain.RefreshToken{KeyID: key, Epoch: w.epoch(t).ID, SessionID: sid, N: n})
	require.NoError(t, err)
	return token
}

// spyStore is a Store that records calls, and fails when a test sets an error.
type spyStore struct {
	domain.Store
	mu             sync.Mutex
	sessions       []domain.NewSession // the arguments of Insert, successful or not
	reads          int                 // calls of ByID outside transactions
	refreshes      int                 // calls of Refresh
	throttled      func()              // runs after each change of throttles, unless it is nil
	beginning      func()              // runs before each transaction, unless it is nil
	failCredential error
	failSession    error
	failByID       error
	failNow        error
	failCommit     error
}

func (s *spyStore) Now(ctx context.Context) (time.Time, error) {
	if s.failNow != nil {
		return time.Time{}, s.failNow
	}
	return s.Store.Now(ctx)
}

func (s *spyStore) Throttles() throttle.Repository { return spyThrottles{s.Store.Throttles(), s} }

type spyThrottles struct {
	throttle.Repository
	spy *spyStore
}

func (r spyThrottles) Change(ctx context.Context, ids []string, fn func([]throttle.Counter)) error {
	err := r.Repository.Change(ctx, ids, fn)
	if r.spy.throttled != nil {
		r.spy.throttled()
	}
	if ctx.Err() != nil {
		return ctx.Err() // although the change was made
	}
	return err
}

func (s *spyStore) InTx(ctx context.Context, fn func(domain.Repositories) error) error {
	if s.beginning != nil {
		s.beginning()
	}
	return s.Store.InTx(ctx, func(tx domain.Repositories) error {
		if err := fn(spyTx{tx, s}); err != nil {
			return err
		}
		return s.failCommit
	})
}

type spyTx struct {
	domain.Repositories
	spy *spyStore
}

func (t spyTx) Sessions() domain.SessionRepository {
	return spySessions{t.Repositories.Sessions(), t.spy}
}

func (s *spyStore) Users() domain.UserRepository { return spyUsers{s.Store.Users(), s} }

func (s *spyStore) Sessions() domain.SessionRepository { return spySessions{s.Store.Sessions(), s} }

type spyUsers struct {
	domain.UserRepository
	spy *spyStore
}

func (u spyUsers) Credential(ctx context.Context, e domain.Email) (domain.Credential, error) {
	if u.spy.failCredential != nil {
		return domain.Credential{}, u.spy.failCredential
	}
	return u.UserRepository.Credential(ctx, e)
}

type spySessions struct {
	domain.SessionRepository
	spy *spyStore
}

func (s spySessions) Insert(ctx context.Context, n domain.NewSession) error {
	s.spy.mu.Lock()
	s.spy.sessions = append(s.spy.sessions, n)
	s.spy.mu.Unlock()
	if s.spy.failSession != nil {
		return s.spy.failSession
	}
	return s.SessionRepository.Insert(ctx, n)
}

func (s spySessions) Refresh(ctx context.Context, session domain.Session, count int64) (bool, error) {
	s.spy.mu.Lock()
	s.spy.refreshes++
	s.spy.mu.Unlock()
	return s.SessionRepository.Refresh(ctx, session, count)
}

func (s spySessions) ByID(ctx context.Context, id domain.SessionID) (domain.Session, error) {
	s.spy.mu.Lock()
	s.spy.reads++
	s.spy.mu.Unlock()
	if s.spy.failByID != nil {
		return domain.Session{}, s.spy.failByID
	}
	return s.SessionRepository.ByID(ctx, id)
}

// requireFields checks the fields of err and their codes, in order. Each is a text such as "email format".
func requireFields(t testing.TB, err error, want ...string) {
	t.Helper()
	require.ErrorIs(t, err, domain.ErrInvalid)
	var invalid *domain.Error
	require.ErrorAs(t, err, &invalid)
	var got []string
	for _, f := range invalid.Fields {
		require.NotEmpty(t, f.Message)
		got = append(got, f.Field+" "+f.Code)
	}
	require.Equal(t, want, got)
}
