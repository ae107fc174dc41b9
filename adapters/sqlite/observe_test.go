package sqlite

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCommitsAreObserved(t *testing.T) {
	t.Parallel()
	commits := make(chan int, 100)
	s, err := open(t.Context(), filepath.Join(t.TempDir(), "test.db"), Options{Committed: func(writes int) { commits <- writes }}, oneGroup())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	release, held := holdUp(t, s)
	answers := queued(t, s, insert(s, "ada@example.org"), insert(s, "bob@example.org"), insert(s, "ada@example.org"))
	require.Empty(t, commits)
	release()
	require.NoError(t, <-held)
	require.NoError(t, <-answers[0])
	require.NoError(t, <-answers[1])
	require.Error(t, <-answers[2])
	require.Equal(t, 3, <-commits, "the write that failed is not part of the commit")
	require.Empty(t, commits)
}

func TestConnections(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	require.NoError(t, s.takeSlot(t.Context()))
	used, idle := s.Connections()
	require.Equal(t, []int{1, s.limits.readers - 1}, []int{used, idle})
	<-s.slots
	used, idle = s.Connections()
	require.Equal(t, []int{0, s.limits.readers}, []int{used, idle})
}

func TestSearchBacklog(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	unindexedPosts(t, s, 3, "needle")
	for limit, want := range map[int]int{10: 3, 2: 2} {
		n, err := s.SearchBacklog(t.Context(), limit)
		require.NoError(t, err)
		require.Equal(t, want, n)
	}
	_, err := s.Posts().Index(t.Context(), 2)
	require.NoError(t, err)
	n, err := s.SearchBacklog(t.Context(), 10)
	require.NoError(t, err)
	require.Equal(t, 1, n)
}
