package domain_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
	"example.com/postern/domain/domaintest"
	"example.com/postern/domain/throttle"
)

// slowThrottles is a store that holds every change of throttles until the test releases it, and counts those that it holds.
type slowThrottles struct {
	*domaintest.Store
	mu         sync.Mutex
	held, peak int
	letGo      chan struct{}
}

func (s *slowThrottles) Throttles() throttle.Repository {
	return heldThrottles{s.Store.Throttles(), s}
}

func (s *slowThrottles) count(step int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.held += step
	s.peak = max(s.peak, s.held)
}

type heldThrottles struct {
	throttle.Repository
	store *slowThrottles
}

func (h heldThrottles) Change(ctx context.Context, ids []string, fn func([]throttle.Counter)) error {
	h.store.count(1)
	<-h.store.letGo
	h.store.count(-1)
	return h.Repository.Change(ctx, ids, fn)
}

// TestANetworkCannotTakeAllConnectionsOfTheStore checks that only a few changes of one network run at once.
func TestANetworkCannotTakeAllConnectionsOfTheStore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.register(t, ada)
		store := &slowThrottles{Store: w.store.Store.(*domaintest.Store), letGo: make(chan struct{})}
		w.store.Store = store
		var calls sync.WaitGroup
		login := func(ip string, n int) {
			for range n {
				calls.Go(func() { require.NoError(t, w.loginFrom(t.Context(), ip, ada, password)) })
			}
			synctest.Wait()
		}
		login(home, 4)
		require.Equal(t, 4, store.held)
		late := make(chan error, 1)
		go func() { late <- w.loginFrom(t.Context(), home, ada, password) }()
		synctest.Wait()
		require.Equal(t, 4, store.held)
		login("192.0.2.2", 2)
		require.Equal(t, 6, store.held, "other networks do not wait for it")
		ctx, leave := context.WithCancel(t.Context())
		left := make(chan error, 1)
		go func() { left <- w.loginFrom(ctx, home, ada, password) }()
		synctest.Wait()
		leave()
		require.ErrorIs(t, <-left, context.Canceled)
		require.ErrorIs(t, <-late, domain.ErrHasherBusy, "the wait is bounded")
		close(store.letGo)
		calls.Wait()
	})
}

// TestANetworkCannotTakeAllPlacesToWait checks that there is always room for tries of another network.
func TestANetworkCannotTakeAllPlacesToWait(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.register(t, ada)
		over := make(chan struct{})
		w.hasher.OnVerify(func() error { <-over; return nil })
		var calls sync.WaitGroup
		results := map[string]chan error{}
		login := func(ip string, n int) {
			results[ip] = make(chan error, n)
			for range n {
				calls.Go(func() { results[ip] <- w.loginFrom(t.Context(), ip, ada, password) })
			}
			synctest.Wait()
		}
		for i := range 3 {
			ip := fmt.Sprintf("192.0.2.%d", i+1)
			login(ip, 5+200)
			require.Len(t, results[ip], 200-200/(2<<i), "a network gets half of the remaining places")
		}
		close(over)
		calls.Wait()
		for range 205 {
			<-results["192.0.2.1"]
		}
		require.NoError(t, w.loginFrom(t.Context(), home, ada, password))
	})
}
