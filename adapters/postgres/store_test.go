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

func TestStoreThroughPgBouncer(t *testing.T) {
	t.Parallel()
	through := pgtest.Bouncer(t, pgtest.Empty(t))
	domaintest.TestStore(t, func(t *testing.T) domain.Store {
		return openStore(t, through(pgtest.Migrated(t, Migrate)), Options{Pooler: true})
	})
}
