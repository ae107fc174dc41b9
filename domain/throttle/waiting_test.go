package throttle

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestLinesWakeOneAfterTheOther(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var l lines
		woken := make(chan int, 3)
		for i := range 3 {
			go func() {
				if l.wait(t.Context(), "a", time.Hour) == nil {
					woken <- i
				}
			}()
			synctest.Wait()
		}
		l.wake("b")
		for i := range 3 {
			synctest.Wait()
			require.Len(t, woken, 0)
			l.wake("a")
			require.Equal(t, i, <-woken)
		}
		l.wake("a")
		require.Empty(t, l.waiting)
	})
}

func TestLeavingALinePassesTheTurnOn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var l lines
		ctx, cancel := context.WithCancel(t.Context())
		left, next := make(chan error, 1), make(chan error, 1)
		go func() { left <- l.wait(ctx, "a", time.Hour) }()
		synctest.Wait()
		go func() { next <- l.wait(t.Context(), "a", time.Hour) }()
		synctest.Wait()
		cancel()
		require.ErrorIs(t, <-left, context.Canceled)
		l.wake("a")
		require.NoError(t, <-next)

		began := time.Now()
		require.NoError(t, l.wait(t.Context(), "a", time.Minute))
		require.Equal(t, time.Minute, time.Since(began))
		require.Empty(t, l.waiting)
	})
}
