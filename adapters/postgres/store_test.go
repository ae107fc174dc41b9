package postgres

import (
	"testing"

	"example.com/postern/adapters/postgres/pgtest"
	"example.com/postern/domain"
	"example.com/postern/domain/domaintest"
)

func TestStore(t *testing.T) {
	t.Parallel()
	domaintest.TestStore(t, func(t *testing.T) domain.Store { return newStore(t, Options{}) })
}

// TestConnectionsThroughPgBouncer tests what a pooler can break most easily. make test-pooler tests the rest.
func TestConnectionsThroughPgBouncer(t *testing.T) {
	t.Parallel()
	domaintest.TestConnections(t, openThroughPgBouncer(t))
}

// openThroughPgBouncer starts PgBouncer. It returns a function that opens a store on a new database through it.
func openThroughPgBouncer(t *testing.T) func(t *testing.T) domain.Store {
	t.Helper()
	through := pgtest.Bouncer(t, pgtest.Empty(t))
	return func(t *testing.T) domain.Store {
		return openStore(t, through(pgtest.Migrated(t, Migrate)), Options{Pooler: true})
	}
}
