package domain

import (
	"math"
	"sync"
	"time"
)

// How closely the ends of sessions are followed.
const (
	maxEnded      = 500_000 // ends kept in memory, about 100 octets each
	endsPage      = 1000
	maxStaleness  = time.Second // since the last good poll began; beyond it, each check reads the store
	pollTimeout   = time.Second
	reloadTimeout = 30 * time.Second
	pruneInterval = time.Minute
)

// EndedSessions knows which sessions have ended, so that checking an access token reads no store. Poll follows the store and is
// called every 250 ms. When the last good poll began more than a second ago, or memory is full, each check reads the store
// instead. It is safe for concurrent use.
type EndedSessions struct {
	store Store
	clock Clock
	turn  chan struct{} // held by the one that reads the store

	mu        sync.RWMutex
	ends      map[SessionID]sessionEnd
	max       int
	last      *reading // when the last good poll began; nil before the first
	late      lateEnds
	over      map[string]struct{} // epochs that the store has said are not the current one
	prunedAt  time.Duration
	overflows int // how often an end was left out, for want of room
	covered   int // of these, how many the last load of everything made good
}

type sessionEnd struct {
	seen   time.Duration
	claims int  // how many transactions of this instance end it, or may have
	stored bool // the store says that it has ended
}

// NewEndedSessions returns an EndedSessions that knows of nothing yet, and so reads the store for every check until a Load has
// succeeded.
func NewEndedSessions(store Store, clock Clock) *EndedSessions {
	return &EndedSessions{
		store: store, clock: clock, turn: make(chan struct{}, 1), ends: make(map[SessionID]sessionEnd), over: make(map[string]struct{}), max: maxEnded,
		overflows: 1, // what ended before has not been read
	}
}

// Staleness returns how long ago the last good Load or Poll began, or the longest duration if there was none. Where the wall
// clock and the elapsed time differ, the machine slept or somebody set the clock: the greater difference counts.
func (e *EndedSessions) Staleness() time.Duration {
	e.mu.RLock()
	defer e.mu.RUnlock()
	return e.staleness()
}

func (e *EndedSessions) staleness() time.Duration {
	if e.last == nil {
		return math.MaxInt64
	}
	return max(e.clock.Elapsed()-e.last.elapsed, e.clock.Now().Sub(e.last.wall).Abs())
}

// now returns the time to judge tokens by: this instance's, or the store's if that is ahead. An end is kept until its tokens have
// expired by the store's clock, so a token must not outlive that on an instance whose clock is behind.
func (e *EndedSessions) now() time.Time {
	e.mu.RLock()
	defer e.mu.RUnlock()
	now := e.clock.Now()
	if e.last == nil {
		return now
	}
	if store := e.last.store.Add(e.clock.Elapsed() - e.last.elapsed); store.After(now) {
		return store.Truncate(time.Microsecond)
	}
	return now
}

// Len returns how many ends are held in memory.
func (e *EndedSessions) Len() int {
	e.mu.RLock()
	defer e.mu.RUnlock()
	return len(e.ends)
}

// add holds sessions as ended whose end this instance is about to commit.
func (e *EndedSessions) add(ids ...SessionID) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, id := range ids {
		e.change(id, func(end *sessionEnd) { end.claims++ })
	}
}

// forget takes back one add, whose ends certainly were not committed. What anyone else says of them stands.
func (e *EndedSessions) forget(ids ...SessionID) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, id := range ids {
		end, found := e.ends[id]
		if !found {
			continue
		}
		if end.claims = max(end.claims-1, 0); end.claims == 0 && !end.stored {
			delete(e.ends, id)
		} else {
			e.ends[id] = end
		}
	}
}

// change changes what is held of a session, if there is room to hold it.
func (e *EndedSessions) change(id SessionID, fn func(*sessionEnd)) {
	end, found := e.ends[id]
	if !found {
		if len(e.ends) >= e.max {
			e.overflows++
			return
		}
		end.seen = e.clock.Elapsed()
	}
	fn(&end)
	e.ends[id] = end
}
