package postgres

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/adapters/postgres/pgtest"
	"example.com/postern/domain"
)

func TestMain(m *testing.M) { pgtest.Main(m) }

// newStore opens a store on a new, migrated database.
func newStore(t testing.TB, o Options) *Store {
	t.Helper()
	return openStore(t, pgtest.Migrated(t, Migrate), o)
}

// openStore opens a store on a migrated database.
func openStore(t testing.TB, url string, o Options) *Store {
	t.Helper()
	o.SkipMigrations = true
	s, err := Open(t.Context(), url, o)
	require.NoError(t, err)
	s.cancelWait = time.Minute // the machine may be slow, and the server of these tests never hangs
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

// patience is how long a test waits for an event before it fails.
const patience = 20 * time.Second

var moment = time.Date(2026, time.March, 29, 2, 30, 0, 123_457_000, time.UTC)

func insertUser(ctx context.Context, r domain.Repositories, email domain.Email) (domain.User, error) {
	return r.Users().Insert(ctx, domain.NewUser{Email: email, PasswordHash: "hash", CreatedAt: moment})
}
