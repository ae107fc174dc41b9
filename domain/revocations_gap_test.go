package domain_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
)

// gap is an instance that misses the end of a session on another instance.
type gap struct {
	*world
	t        *testing.T
	caller   domain.Caller
	storeOff time.Duration // the error of the store's clock
}

func (g *gap) poll() {
	g.t.Helper()
	require.NoError(g.t, g.world.ended.Poll(g.t.Context()))
}

// end ends the session on an instance that can reach the store.
func (g *gap) end() {
	g.t.Helper()
	sessions := domain.NewSessions(g.fake, g.clock, g.refresh, domain.NewRevocations(g.fake, g.clock), g.events)
	require.NoError(g.t, sessions.End(g.t.Context(), g.caller, g.caller.SessionID))
}

// endLate is end, but calls a function between taking the time of the end and committing it.
func (g *gap) endLate(meanwhile func()) {
	g.t.Helper()
	at := g.fake.Clock()
	meanwhile()
	ended, err := g.fake.Sessions().End(g.t.Context(), g.caller.UserID, g.caller.SessionID, at)
	require.NoError(g.t, err)
	require.True(g.t, ended)
}

func TestMissedEndsAreFound(t *testing.T) {
	t.Parallel()
	cases := map[string]func(g *gap){
		"while the store was lost": func(g *gap) {
			g.store.failNow = domain.ErrStoreUnavailable
			g.end()
			for range 540 {
				g.clock.Advance(250 * time.Millisecond)
				require.ErrorIs(g.t, g.world.ended.Poll(g.t.Context()), domain.ErrStoreUnavailable)
			}
			g.store.failNow = nil
		},
		"while the process was frozen": func(g *gap) {
			g.end()
			g.clock.Advance(130 * time.Second)
		},
		"while the machine slept, and the elapsed time stood still": func(g *gap) {
			g.end()
			g.clock.Set(130 * time.Second)
		},
		"while the machine slept, and its clock was set back to when it fell asleep": func(g *gap) {
			g.end()
			g.storeOff += 130 * time.Second
		},
		"before the store's clock was set forward": func(g *gap) {
			g.end()
			g.storeOff += 10 * time.Minute
		},
		"after the store's clock was set back": func(g *gap) {
			g.storeOff -= 10 * time.Minute
			g.end()
		},
		"that was committed late": func(g *gap) {
			g.endLate(func() {
				for range 4 {
					g.clock.Advance(15 * time.Second)
					g.poll()
				}
			})
		},
		"that was committed after the store's clock was set forward": func(g *gap) {
			g.endLate(func() {
				g.storeOff += 10 * time.Minute
				for range 4 {
					g.clock.Advance(15 * time.Second)
					g.poll()
				}
			})
		},
		"that was committed after the store's clock was set back": func(g *gap) {
			g.endLate(func() {
				g.storeOff -= 10 * time.Minute
				g.clock.Advance(time.Second)
				g.poll()
			})
		},
	}
	for name, miss := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			tokens, caller := w.enter(t)
			g := &gap{world: w, t: t, caller: caller}
			w.fake.Clock = func() time.Time { return w.clock.Now().Add(g.storeOff) }
			g.poll()
			require.NoError(t, w.refusal(t, tokens))
			miss(g)
			g.poll()
			w.store.reads = 0
			require.ErrorIs(t, w.refusal(t, tokens), domain.ErrBadToken)
			for range 10 {
				w.clock.Advance(250 * time.Millisecond)
				g.poll()
				require.ErrorIs(t, w.refusal(t, tokens), domain.ErrBadToken, "it stays refused")
			}
			require.Zero(t, w.store.reads, "memory answers without the store")
		})
	}
}

// TestMemoryIsNotCertainAfterAGap checks that an instance reads the store if its last poll is more than a second old, by the wall
// clock or by elapsed time.
func TestMemoryIsNotCertainAfterAGap(t *testing.T) {
	t.Parallel()
	for name, move := range map[string]func(w *world){
		"time passed":                  func(w *world) { w.clock.Advance(1001 * time.Millisecond) },
		"the machine slept":            func(w *world) { w.clock.Set(1001 * time.Millisecond) },
		"the wall clock was set back":  func(w *world) { w.clock.Set(-1001 * time.Millisecond) },
		"the wall clock was far ahead": func(w *world) { w.clock.Set(20 * time.Minute) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			tokens, _ := w.enter(t)
			at := w.clock.Now()
			w.fake.Clock = func() time.Time { return at }
			w.store.reads = 0
			move(w)
			require.NoError(t, w.refusal(t, tokens))
			require.Equal(t, 1, w.store.reads)
			w.store.failByID = domain.ErrStoreUnavailable
			require.ErrorIs(t, w.refusal(t, tokens), domain.ErrStoreUnavailable)
		})
	}
}

// TestAPollReadsTheWholeTableOnlyAfterAGap matters because the table may be long.
func TestAPollReadsTheWholeTableOnlyAfterAGap(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	from := &fromStore{Store: w.store}
	follower := domain.NewRevocations(from, w.clock)
	require.NoError(t, follower.Load(t.Context()))
	for _, step := range []struct {
		pass  time.Duration
		whole bool
	}{{250 * time.Millisecond, false}, {120 * time.Second, false}, {120*time.Second + time.Microsecond, true}, {time.Second, false}} {
		last := w.clock.Now()
		w.clock.Advance(step.pass)
		require.NoError(t, follower.Poll(t.Context()))
		want := last.Add(-120 * time.Second)
		if step.whole {
			want = time.Unix(0, 0).UTC()
		}
		require.Equal(t, want, from.after.EndedAt, "after %v", step.pass)
	}
}

// fromStore records the positions from which ends were read.
type fromStore struct {
	domain.Store
	after domain.SessionEnd
}

func (s *fromStore) Sessions() domain.SessionRepository {
	return fromSessions{s.Store.Sessions(), s}
}

type fromSessions struct {
	domain.SessionRepository
	from *fromStore
}

func (s fromSessions) EndedAfter(ctx context.Context, after domain.SessionEnd, limit int) ([]domain.SessionEnd, error) {
	s.from.after = after
	return s.SessionRepository.EndedAfter(ctx, after, limit)
}

// TestATokenExpiresByTheFasterClock uses an instance whose clock is behind the store's. A token must not outlive the record
// of its session's end.
func TestATokenExpiresByTheFasterClock(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tokens, _ := w.enter(t)
	storeTime := w.clock.Now()
	w.fake.Clock = func() time.Time { return storeTime }
	require.NoError(t, w.ended.Poll(t.Context()))
	require.NoError(t, w.refusal(t, tokens))
	storeTime = storeTime.Add(life)
	require.NoError(t, w.ended.Poll(t.Context()))
	require.ErrorIs(t, w.refusal(t, tokens), domain.ErrBadToken)
	require.NoError(t, w.refusal(t, w.enterAgain(t)), "new tokens use the same clock")
}

// TestAnEndIsNotSweptBecauseTheStoresClockJumped checks that the sweep uses the slower clock. If an end were deleted too
// early, an instance that had not read it would accept the session again.
func TestAnEndIsNotSweptBecauseTheStoresClockJumped(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tokens, caller := w.enter(t)
	require.NoError(t, w.sessions.End(t.Context(), caller, caller.SessionID))
	off := 2 * time.Hour
	w.fake.Clock = func() time.Time { return w.clock.Now().Add(off) }
	sweepAll(t, w.store, w.clock)
	off = 0
	require.ErrorIs(t, w.another(t).refusal(t, tokens), domain.ErrBadToken)
}
