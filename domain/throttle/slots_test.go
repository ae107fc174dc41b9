package throttle

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestQueuesWakeOneAfterTheOther(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var q queues
		woken := make(chan int, 3)
		for i := range 3 {
			go func() {
				if q.wait(t.Context(), "a", time.Hour) == nil {
					woken <- i
				}
			}()
			synctest.Wait()
		}
		q.wake("b")
		for i := range 3 {
			synctest.Wait()
			require.Len(t, woken, 0)
			q.wake("a")
			require.Equal(t, i, <-woken)
		}
		q.wake("a")
		require.Empty(t, q.byKey)
	})
}

// A try has joined the queue, but does not receive yet, when another try ends.
func TestAWakeUpJustBeforeTheWaitIsNotLost(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var q queues
		turns, leave := q.enter("a")
		q.wake("a")
		select {
		case <-turns:
		default:
			require.Fail(t, "the wake-up was lost")
		}
		leave()
		require.Empty(t, q.byKey)
	})
}

func TestLeavingAQueuePassesTheTurnOn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var q queues
		ctx, cancel := context.WithCancel(t.Context())
		left, next := make(chan error, 1), make(chan error, 1)
		go func() { left <- q.wait(ctx, "a", time.Hour) }()
		synctest.Wait()
		go func() { next <- q.wait(t.Context(), "a", time.Hour) }()
		synctest.Wait()
		cancel()
		require.ErrorIs(t, <-left, context.Canceled)
		q.wake("a")
		require.NoError(t, <-next)

		began := time.Now()
		require.NoError(t, q.wait(t.Context(), "a", time.Minute))
		require.Equal(t, time.Minute, time.Since(began))
		require.Empty(t, q.byKey)
	})
}
