package throttle

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

type fakeClock struct{ elapsed time.Duration }

func (c *fakeClock) Elapsed() time.Duration { return c.elapsed }

func TestLimiterForgetsAccountsWithTheWholeBurst(t *testing.T) {
	t.Parallel()
	clock := &fakeClock{}
	l := NewLimiter(clock, 4, 6)
	for account := range int64(maxAccounts) {
		require.NoError(t, l.Take(account))
	}
	require.Len(t, l.fullAt, maxAccounts)
	for range 10 {
		require.NoError(t, l.Take(maxAccounts), "further accounts are not limited")
	}
	require.Len(t, l.fullAt, maxAccounts)
	clock.elapsed += 40 * time.Second
	require.NoError(t, l.Take(1))
	require.Len(t, l.fullAt, 1)
}

func TestNoLimit(t *testing.T) {
	t.Parallel()
	for _, l := range []*Limiter{nil, NewLimiter(&fakeClock{}, 0, 1), NewLimiter(&fakeClock{}, 1, 0)} {
		for range 1000 {
			require.NoError(t, l.Take(1))
		}
	}
}
