package domain_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
	"example.com/postern/domain/domaintest"
)

const (
	ada      = "ada@example.com"
	password = "correct horse battery"
	life     = 30 * time.Minute
)

// world is all services on fakes.
type world struct {
	store  *spyStore
	clock  *domaintest.Clock
	hasher *domaintest.Hasher
	tokens *domaintest.Tokens
	auth   domain.AuthService
	users  domain.UserService
	posts  domain.PostService
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{
		store:  &spyStore{Store: domaintest.NewStore()},
		clock:  domaintest.NewClock(time.Date(2026, 3, 1, 12, 0, 0, 123456000, time.UTC)),
		hasher: &domaintest.Hasher{},
		tokens: &domaintest.Tokens{},
	}
	var err error
	w.auth, err = domain.NewAuthService(t.Context(), w.store, w.tokens, w.hasher, w.clock.Now, life)
	require.NoError(t, err)
	w.users = domain.NewUserService(w.store)
	w.posts = domain.NewPostService(w.store, w.clock.Now)
	return w
}

// register makes an account with the usual password.
func (w *world) register(t testing.TB, email string) domain.User {
	t.Helper()
	user, err := w.auth.Register(t.Context(), domain.Registration{Email: email, Password: domain.NewPassword(password)})
	require.NoError(t, err)
	return user
}

func (w *world) login(ctx context.Context, email, password string) (domain.Tokens, error) {
	return w.auth.Login(ctx, domain.Credentials{Email: email, Password: domain.NewPassword(password)})
}

// spyStore is a Store that shows which sessions were opened, and fails when it is told to.
type spyStore struct {
	domain.Store
	sessions       []domain.NewSession // as they were handed to Insert, kept or not
	failCredential error
	failSession    error
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
	s.spy.sessions = append(s.spy.sessions, n)
	if s.spy.failSession != nil {
		return s.spy.failSession
	}
	return s.SessionRepository.Insert(ctx, n)
}

// requireFields checks which fields err names with which codes, in order: "email format".
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
