package sqlite

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
	"example.com/postern/domain/domaintest"
)

func TestStore(t *testing.T) {
	t.Parallel()
	domaintest.TestStore(t, func(t *testing.T) domain.Store { return newStore(t) })
}

func newStore(t testing.TB) *Store { return newStoreWith(t, defaultLimits()) }

func newStoreWith(t testing.TB, l limits) *Store {
	t.Helper()
	s, err := open(t.Context(), filepath.Join(t.TempDir(), "postern.db"), Options{}, l)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

var moment = time.Date(2026, time.March, 29, 2, 30, 0, 123_457_000, time.UTC)

func insertUser(ctx context.Context, r domain.Repositories, email domain.Email) (domain.User, error) {
	return r.Users().Insert(ctx, domain.NewUser{Email: email, PasswordHash: "hash", CreatedAt: moment})
}
