package domaintest_test

import (
	"testing"

	"example.com/postern/domain"
	"example.com/postern/domain/domaintest"
)

func TestStore(t *testing.T) {
	t.Parallel()
	domaintest.TestStore(t, func(*testing.T) domain.Store { return domaintest.NewStore() })
}
