package domain_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
)

func TestSweep(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, caller := w.enter(t)
	w.enterAgain(t)
	require.NoError(t, w.sessions.End(t.Context(), caller, caller.SessionID))
	sweep := func() int {
		n, err := domain.Sweep(t.Context(), w.store)
		require.NoError(t, err)
		return n
	}
	swept := sweep()
	require.Positive(t, swept, "the throttles of the logins, of which only that the address is known stays")
	require.Zero(t, sweep())

	w.clock.Advance(domain.MaxTokenLife + time.Minute - time.Microsecond)
	isEnded := func() bool {
		ended, err := w.store.Sessions().IsEnded(t.Context(), caller.SessionID)
		require.NoError(t, err)
		return ended
	}
	sweep()
	require.True(t, isEnded(), "an access token may still be good")
	w.clock.Advance(time.Microsecond)
	require.Equal(t, 1, sweep())
	require.False(t, isEnded())

	w.clock.Advance(idle)
	require.Equal(t, 1, sweep(), "the other session has expired")
	w.clock.Advance(730 * 24 * time.Hour)
	require.Equal(t, 1, sweep(), "the address is not known any more")

	require.NoError(t, w.store.Users().Delete(t.Context(), caller.UserID, w.clock.Now()))
	require.Equal(t, 1, sweep())
	require.Zero(t, sweep())
}

func TestSweepGoesOnUntilNothingIsLeftOrItsTimeIsOver(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	user := w.register(t, ada)
	hash := w.credential(t).PasswordHash
	for i := range 1001 {
		s := domain.NewSession{ID: domain.SessionID(fmt.Sprint(i)), UserID: user.ID, PasswordHash: hash, ExpiresAt: w.clock.Now()}
		require.NoError(t, w.store.Sessions().Insert(t.Context(), s))
	}
	ended, end := context.WithCancel(t.Context())
	end()
	n, err := domain.Sweep(ended, w.store)
	require.ErrorIs(t, err, context.Canceled)
	require.Zero(t, n)
	n, err = domain.Sweep(t.Context(), w.store)
	require.NoError(t, err)
	require.Equal(t, 1001, n)
}
