package rest

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
)

// TestAShareCanAlwaysShrink: an answer may need less memory than was charged for it.
func TestAShareCanAlwaysShrink(t *testing.T) {
	t.Parallel()
	for method, half := range map[string]int64{http.MethodGet: 50, http.MethodPost: 37} {
		budget := newBudget(100)
		r := httptest.NewRequest(method, "/", nil)
		share, other := newShare(budget, r, domain.Client{IP: "192.0.2.1"}), newShare(budget, r, domain.Client{IP: "192.0.2.2"})
		require.NoError(t, share.resize(half))
		require.NoError(t, other.resize(half/2))
		require.ErrorIs(t, share.resize(half+1), errBudget)
		require.NoError(t, share.resize(half-1), method)
		other.force(1000)
		require.NoError(t, share.resize(half-2), method)
		share.release()
		share.release()
		other.release()
		require.Zero(t, budget.inUse())
		require.Empty(t, budget.byNetwork)
	}
}
