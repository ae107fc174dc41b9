package revocation

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// fakeStore is a store with one session, "live", of user 1.
type fakeStore struct {
	now   time.Time
	ended []Entry
	reads int // calls of HasSession
	err   error
}

func (s *fakeStore) Now(context.Context) (time.Time, error) { return s.now, s.err }

func (s *fakeStore) Epoch(context.Context) (Epoch, error) { return Epoch{ID: "now"}, s.err }

func (s *fakeStore) EndedAfter(context.Context, Entry, int) ([]Entry, error) { return s.ended, s.err }

func (s *fakeStore) HasSession(_ context.Context, t Token) (bool, error) {
	s.reads++
	return t.SessionID == "live" && t.UserID == 1, s.err
}

type fakeClock struct {
	now     time.Time
	elapsed time.Duration
}

func (c *fakeClock) Now() time.Time         { return c.now }
func (c *fakeClock) Elapsed() time.Duration { return c.elapsed }

func TestCheck(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	store, clock := &fakeStore{now: start}, &fakeClock{now: start}
	l := NewList(store, clock, time.Hour)
	live := Token{SessionID: "live", UserID: 1, Epoch: "now"}
	check := func(token Token) error { return l.Check(t.Context(), token) }

	require.NoError(t, check(live))
	require.Equal(t, ErrSessionEnded, check(Token{SessionID: "live", UserID: 2, Epoch: "now"}))
	require.Equal(t, 2, store.reads, "nothing has been loaded")

	store.ended = []Entry{{"ended", start}}
	require.NoError(t, l.Load(t.Context()))
	require.NoError(t, check(live))
	require.Equal(t, ErrSessionEnded, check(Token{SessionID: "ended", UserID: 1, Epoch: "now"}))
	require.Equal(t, 2, store.reads, "memory is certain")
	for range 2 {
		require.Equal(t, ErrEpochEnded, check(Token{SessionID: "live", UserID: 1, Epoch: "old"}))
	}
	require.Equal(t, 3, store.reads, "an unknown epoch is looked up once")

	clock.elapsed = maxStaleness + 1
	store.err = errors.New("the store is unavailable")
	require.ErrorIs(t, check(live), store.err, "a stale list must not accept a token")
}

func TestUndo(t *testing.T) {
	t.Parallel()
	store, clock := &fakeStore{}, &fakeClock{}
	l := NewList(store, clock, time.Hour)
	require.NoError(t, l.Load(t.Context()))
	l.Add("a", "b")
	l.Add("b")
	l.Undo("a", "b", "unknown")
	require.Equal(t, 1, l.Len(), "another transaction still ends b")
	store.ended = []Entry{{"b", time.Time{}}}
	require.NoError(t, l.Poll(t.Context()))
	l.Undo("b")
	require.Equal(t, 1, l.Len(), "the store says that b has ended")
}
