package domain

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// How closely the ends of sessions are followed.
const (
	maxEnded      = 500_000           // ends kept in memory, about 100 octets each
	endsOverlap   = 120 * time.Second // read again by each poll: commits are not in order
	endsPage      = 1000
	maxStaleness  = time.Second // since the last good poll began; beyond it, each check reads the store
	pollTimeout   = time.Second
	reloadTimeout = 30 * time.Second
	pruneInterval = time.Minute
)

// EndedSessions knows which sessions have ended, so that checking an access token reads no store. It follows the store as
// often as Poll is called, every 250 ms or so; when it has lost touch for more than a second, or holds as much as it may, each
// check reads the store instead. It is safe for concurrent use.
type EndedSessions struct {
	store Store
	clock Clock
	turn  chan struct{} // held by the one that reads the store

	mu        sync.RWMutex
	ends      map[SessionID]sessionEnd
	max       int
	polled    bool
	polledAt  time.Duration // when the last good poll began
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
		store: store, clock: clock, turn: make(chan struct{}, 1), ends: make(map[SessionID]sessionEnd), max: maxEnded,
		overflows: 1, // what ended before has not been read
	}
}

// Staleness tells how long ago the last good Load or Poll began; the longest time there is if there was none.
func (e *EndedSessions) Staleness() time.Duration {
	e.mu.RLock()
	defer e.mu.RUnlock()
	return e.staleness()
}

func (e *EndedSessions) staleness() time.Duration {
	if !e.polled {
		return 1<<63 - 1
	}
	return e.clock.Elapsed() - e.polledAt
}

// Len tells how many ends are held in memory.
func (e *EndedSessions) Len() int {
	e.mu.RLock()
	defer e.mu.RUnlock()
	return len(e.ends)
}

// check returns [ErrBadToken], wrapped, if a session has ended, or the store's error if only the store can tell, and cannot.
func (e *EndedSessions) check(ctx context.Context, id SessionID) error {
	ended, certain := e.look(id)
	if !certain {
		var err error
		if ended, err = e.store.Sessions().IsEnded(ctx, id); err != nil {
			return fmt.Errorf("look up whether a session has ended: %w", err)
		}
	}
	if ended {
		return fmt.Errorf("%w: the session has ended", ErrBadToken)
	}
	return nil
}

// look tells what memory says of a session, and whether that is certain.
func (e *EndedSessions) look(id SessionID) (ended, certain bool) {
	e.mu.RLock()
	defer e.mu.RUnlock()
	_, ended = e.ends[id]
	return ended, ended || e.overflows == e.covered && e.staleness() <= maxStaleness
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
