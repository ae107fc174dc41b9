package domain_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
)

// slowHasher is a hasher whose Verify takes 100 ms of fake time.
func slowHasher(w *world) {
	w.hasher.OnVerify(func() error { time.Sleep(100 * time.Millisecond); return nil })
}

func parallel(n int, login func(i int) error) []error {
	errs := make([]error, n)
	var calls sync.WaitGroup
	for i := range n {
		calls.Go(func() { errs[i] = login(i) })
	}
	calls.Wait()
	return errs
}

func TestParallelLoginsWithTheRightPasswordSucceed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.register(t, ada)
		slowHasher(w)
		for _, err := range parallel(100, func(int) error { return w.loginFrom(t.Context(), home, ada, password) }) {
			require.NoError(t, err)
		}
		require.Len(t, w.store.sessions, 100)
	})
}

func TestParallelWrongGuessesDoNotExceedTheLimits(t *testing.T) {
	t.Parallel()
	email := func(i int) string { return fmt.Sprintf("user%d@example.com", i) }
	cases := map[string]struct {
		from, at func(i int) string
		tried    int
	}{
		"at one account from one address":    {func(int) string { return home }, func(int) string { return ada }, 5},
		"at many accounts from one address":  {func(int) string { return home }, email, 50},
		"at one account from many addresses": {func(i int) string { return fmt.Sprintf("198.51.100.%d", i) }, func(int) string { return ada }, 100},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t)
				w.register(t, ada)
				slowHasher(w)
				tried := 0
				guess := func(i int) error { return w.loginFrom(t.Context(), c.from(i), c.at(i), "wrong "+password) }
				for _, err := range parallel(200, guess) {
					if err == error(domain.ErrInvalidCredentials) {
						tried++
					} else {
						// The queue is bounded: the others learn nothing about the password.
						require.True(t, errors.Is(err, domain.ErrTooMany) || err == error(domain.ErrHasherBusy), "%v", err)
					}
				}
				require.Equal(t, c.tried, tried)
				require.Equal(t, c.tried, w.hasher.Verifies())
			})
		})
	}
}

func TestTheWaitForOtherTriesIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.register(t, ada)
		over := make(chan struct{})
		w.hasher.OnVerify(func() error { <-over; return nil })
		var held sync.WaitGroup
		for range 5 {
			held.Go(func() { _ = w.loginFrom(t.Context(), home, ada, password) })
		}
		synctest.Wait()
		began := time.Now()
		require.ErrorIs(t, w.loginFrom(t.Context(), home, ada, password), domain.ErrHasherBusy)
		require.InDelta(t, 5*time.Second, time.Since(began), float64(200*time.Millisecond))

		ctx, leave := context.WithTimeout(t.Context(), time.Second)
		defer leave()
		require.ErrorIs(t, w.loginFrom(ctx, home, ada, password), context.DeadlineExceeded)

		refused := parallel(150, func(int) error { return w.loginFrom(t.Context(), home, ada, password) })
		require.Len(t, refused, 150)
		for _, err := range refused {
			require.ErrorIs(t, err, domain.ErrHasherBusy, "the password may be right")
		}
		close(over)
		held.Wait()
		require.NoError(t, w.loginFrom(t.Context(), home, ada, password), "refused tries are not counted")
	})
}

// TestTheTriesOfACrashedInstance checks that tries without an outcome count as failures after half a minute.
func TestTheTriesOfACrashedInstance(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.register(t, ada)
		parallel(5, func(int) error {
			w.hasher.OnVerify(func() error { panic("crash") })
			defer func() { _ = recover() }()
			return w.loginFrom(t.Context(), home, ada, password)
		})
		w.hasher.OnVerify(nil)
		require.ErrorIs(t, w.loginFrom(t.Context(), home, ada, password), domain.ErrHasherBusy)
		w.clock.Advance(30 * time.Second)
		w.guess(t, 1, home, ada)
		requireThrottled(t, w.loginFrom(t.Context(), home, ada, password), "login", 2*time.Second)
	})
}
