package sqlite

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
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

// newStoreWith opens a store on a new, migrated file.
func newStoreWith(t testing.TB, l limits) *Store {
	t.Helper()
	path := filepath.Join(t.TempDir(), "postern.db")
	makeStore(t, path)
	s, err := open(t.Context(), path, Options{}, l)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

// migrated returns the content of an empty database file with the current schema. It is created once.
var migrated = sync.OnceValues(func() (content []byte, err error) {
	dir, err := os.MkdirTemp("", "postern-sqlite-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	path := filepath.Join(dir, "postern.db")
	s, err := Open(context.Background(), path, Options{})
	if err != nil {
		return nil, err
	}
	if err := s.Close(); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

// makeStore creates a file with an empty store.
func makeStore(t testing.TB, path string) {
	t.Helper()
	content, err := migrated()
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, content, 0o600))
}

var moment = time.Date(2026, time.March, 29, 2, 30, 0, 123_457_000, time.UTC)

func insertUser(ctx context.Context, r domain.Repositories, email domain.Email) (domain.User, error) {
	return r.Users().Insert(ctx, domain.NewUser{Email: email, PasswordHash: "hash", CreatedAt: moment})
}
