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

// slowSearches is a store whose searches end when the test lets them.
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
	r.slow.begun <- within.Search[0].Words[0]
	select {
	case <-r.slow.end:
		return nil, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// searching is a service that runs at most so many searches at once.
type searching struct {
	slow  slowSearches
	posts domain.PostService
}

func newSearching(searches int) searching {
	slow := slowSearches{domaintest.NewStore(), make(chan string, 100), make(chan struct{})}
	return searching{slow, domain.NewPostService(slow, realClock{}, searches)}
}

// search starts a search from an address, which waits for its turn before search returns.
func (s searching) search(ctx context.Context, ip, word string) (result chan error) {
	result = make(chan error, 1)
	search, _ := domain.ParseSearch(word)
	go func() {
		_, err := s.posts.List(ctx, domain.PostQuery{Search: search, Client: domain.Client{IP: ip}})
		result <- err
	}()
	synctest.Wait()
	return result
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
		require.NoError(t, err, "a plain list does not wait")

		begun := time.Now()
		require.ErrorIs(t, <-waiting, domain.ErrSearchBusy)
		require.Equal(t, domain.SearchWait, time.Since(begun))
		require.ErrorIs(t, <-first, domain.ErrSearchTooSlow)
		last := s.search(t.Context(), "192.0.2.1", "a4")
		s.slow.end <- struct{}{}
		require.NoError(t, <-last, "every turn that was taken is given back")
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
		require.Equal(t, []string{"a1", "a2", "b1", "c1", "a3", "b2", "a4"}, order)
		for _, result := range all {
			require.NoError(t, <-result)
		}
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
