package domain_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
	"example.com/postern/domain/domaintest"
)

// slowSearches is a store whose searches end when the test says so.
type slowSearches struct {
	domain.Store
	begun chan string // the first word of each search that runs
	end   chan struct{}
}

type slowPosts struct {
	domain.PostRepository
	slow slowSearches
}

func (s slowSearches) Posts() domain.PostRepository { return slowPosts{s.Store.Posts(), s} }

func (r slowPosts) Published(ctx context.Context, within domain.PostRange) ([]domain.Post, error) {
	if within.Search == nil {
		return r.PostRepository.Published(ctx, within)
	}
	select {
	case r.slow.begun <- within.Search[0].Words[0]:
	default: // the test does not wait for it
	}
	select {
	case <-r.slow.end:
		return nil, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// searching is a service with a limit on concurrent searches.
type searching struct {
	slow  slowSearches
	posts domain.PostService
}

func newSearching(searches int) searching {
	slow := slowSearches{domaintest.NewStore(), make(chan string, 100), make(chan struct{})}
	return searching{slow, domain.NewPosts(slow, realClock{}, searches, nil)}
}

// search starts a search from an address, and returns when the search runs or waits.
func (s searching) search(ctx context.Context, ip, word string) (result chan error) {
	result = make(chan error, 1)
	go func() { result <- s.list(ctx, ip, word) }()
	synctest.Wait()
	return result
}

func (s searching) list(ctx context.Context, ip, word string) error {
	search, _ := domain.ParseSearch(word)
	_, err := s.posts.List(ctx, domain.PostQuery{Search: search, Client: domain.Client{IP: ip}})
	return err
}

func TestSearchesWaitForTheirTurn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSearching(1)
		first := s.search(t.Context(), "192.0.2.1", "a1")
		waiting := s.search(t.Context(), "192.0.2.1", "a2")
		leaving, leave := context.WithCancel(t.Context())
		gone := s.search(leaving, "192.0.2.1", "a3")
		leave()
		require.ErrorIs(t, <-gone, context.Canceled)
		_, err := s.posts.List(t.Context(), domain.PostQuery{})
		require.NoError(t, err, "a list without a search does not wait")

		begun := time.Now()
		require.ErrorIs(t, <-first, domain.ErrSearchTooSlow)
		require.Equal(t, "a1", <-s.slow.begun)
		require.Equal(t, "a2", <-s.slow.begun, "it waited for the longest time that a search may take")
		late := s.search(t.Context(), "192.0.2.1", "a5")
		later := s.search(t.Context(), "192.0.2.1", "a6")
		require.ErrorIs(t, <-waiting, domain.ErrSearchTooSlow)
		require.Equal(t, 2*domain.SearchTimeout, time.Since(begun))
		require.ErrorIs(t, <-later, domain.ErrSearchBusy)
		require.Equal(t, domain.SearchTimeout+domain.SearchWait, time.Since(begun))
		require.ErrorIs(t, <-late, domain.ErrSearchTooSlow)
		last := s.search(t.Context(), "192.0.2.1", "a4")
		s.slow.end <- struct{}{}
		require.NoError(t, <-last, "every turn was given back")
	})
}

func TestNetworksTakeTurnsInSearching(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSearching(1)
		var all []chan error
		for _, from := range []struct{ ip, word string }{
			{"192.0.2.1", "a1"}, {"192.0.2.1", "a2"}, {"192.0.2.1", "a3"}, {"192.0.2.1", "a4"},
			{"2001:db8::1", "b1"}, {"2001:db8::2", "b2"}, {"192.0.2.9", "c1"},
		} {
			all = append(all, s.search(t.Context(), from.ip, from.word))
		}
		var order []string
		for range all {
			order = append(order, <-s.slow.begun)
			s.slow.end <- struct{}{}
			synctest.Wait()
		}
		require.Equal(t, []string{"a1", "b1", "c1", "a2", "b2", "a3", "a4"}, order)
		for _, result := range all {
			require.NoError(t, <-result)
		}
	})
}

// TestANetworkDoesNotKeepOthersFromSearching has one network send as many slow searches as it can. Searches from other
// networks still begin in time.
func TestANetworkDoesNotKeepOthersFromSearching(t *testing.T) {
	t.Parallel()
	for workers := 1; workers <= 4; workers++ {
		synctest.Test(t, func(t *testing.T) {
			s := newSearching(workers)
			attack, stop := context.WithCancel(t.Context())
			defer stop()
			for range 32 {
				go func() {
					for attack.Err() == nil {
						_ = s.list(attack, "192.0.2.1", "slow")
					}
				}()
			}
			synctest.Wait()
			for range 20 {
				begun := time.Now()
				require.ErrorIs(t, s.list(t.Context(), "192.0.2.9", "other"), domain.ErrSearchTooSlow, "it ran")
				if workers > 1 {
					require.Equal(t, domain.SearchTimeout, time.Since(begun), "it did not wait")
				}
				time.Sleep(300 * time.Millisecond)
			}
		})
	}
}

// TestANetworkLeavesOneSearchToOthers checks that a network cannot take the last turn, and that it gives its turns back.
func TestANetworkLeavesOneSearchToOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSearching(3)
		var all []chan error
		for _, word := range []string{"a1", "a2", "a3", "a4"} {
			all = append(all, s.search(t.Context(), "192.0.2.1", word))
		}
		require.Len(t, s.slow.begun, 2)
		all = append(all, s.search(t.Context(), "192.0.2.9", "b1"))
		require.Len(t, s.slow.begun, 3)
		for range all {
			s.slow.end <- struct{}{}
			synctest.Wait()
		}
		for _, result := range all {
			require.NoError(t, <-result)
		}
		require.Len(t, s.slow.begun, 5)
	})
}

func TestNoBoundOnSearches(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newSearching(0)
		var all []chan error
		for range 50 {
			all = append(all, s.search(t.Context(), "192.0.2.1", "a"))
		}
		close(s.slow.end)
		for _, result := range all {
			require.NoError(t, <-result)
		}
	})
}
