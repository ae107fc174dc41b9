package postgres

import (
	"testing"

	"example.com/postern/adapters/postgres/pgtest"
	"example.com/postern/domain"
)

func TestALockIsWaitedForOnce(t *testing.T) {
	t.Parallel()
	url := pgtest.Migrated(t, Migrate)
	s := openStore(t, url, Options{LockTimeout: short, StatementTimeout: hour})
	release := lockTables(t, url)
	defer release()
	requireSoon(t, domain.ErrStoreUnavailable, func() error { _, err := insertUser(t.Context(), s, "ada@example.org"); return err }, "write")
}
