package postgres

import (
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/postern/adapters/postgres/pgtest"
	"example.com/postern/domain"
)

func TestLockTimeoutIsNotRetried(t *testing.T) {
	t.Parallel()
	url := pgtest.Migrated(t, Migrate)
	s := openStore(t, url, Options{LockTimeout: short, StatementTimeout: hour})
	release := lockTables(t, url)
	defer release()
	_, err := insertUser(t.Context(), s, "ada@example.org")
	require.ErrorIs(t, err, domain.ErrStoreUnavailable)
}
