//go:build pooler

package postgres

import (
	"testing"

	"example.com/postern/domain/domaintest"
)

// TestStoreThroughPgBouncer runs every statement through PgBouncer, without prepared statements. make test-pooler runs it.
func TestStoreThroughPgBouncer(t *testing.T) {
	t.Parallel()
	domaintest.TestStore(t, openThroughPgBouncer(t))
}
