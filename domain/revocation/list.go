// Package revocation knows which sessions have ended, so that checking an access token reads no store.
//
// A [List] holds the sessions that ended recently. It follows the store by polling, several times a second. Because commits
// do not become visible in the order of their times, each poll reads again what was recorded up to two minutes before the
// last one. After a longer gap (a lost database, a frozen process, a clock that jumped) it reads everything.
//
// The list never guesses. While it cannot be certain, because the last good poll is more than a second old or because its
// memory is full, every check reads the store. If the store does not answer, the check fails.
package revocation

import (
	"context"
	"math"
	"sync"
	"time"
)

// How closely the store is followed.
const (
	capacity      = 500_000 // entries of about 100 bytes each
	pageSize      = 1000
	maxStaleness  = time.Second // of a list that is certain
	pollTimeout   = time.Second
	reloadTimeout = 30 * time.Second
	pruneInterval = time.Minute
)

// Entry records that a session has ended before it expired.
type Entry struct {
	SessionID string
	EndedAt   time.Time // by the store's clock
}

// Token is the part of an access token that can be revoked.
type Token struct {
	SessionID string
	UserID    int64
	Epoch     string
}

// Store is the part of a service's store that a [List] reads.
type Store interface {
	// Now returns the time of the clock that all instances share.
	Now(ctx context.Context) (time.Time, error)

	// Epoch returns the store's epoch.
	Epoch(ctx context.Context) (Epoch, error)

	// EndedAfter returns at most limit entries that follow after, in the order of (EndedAt, SessionID).
	EndedAfter(ctx context.Context, after Entry, limit int) ([]Entry, error)

	// HasSession reports whether the token's session exists and belongs to the token's user.
	HasSession(ctx context.Context, t Token) (bool, error)
}

// List is the list of ended sessions on one instance. [List.Poll] must be called several times a second. A List is safe for
// concurrent use.
type List struct {
	// Capacity is how many entries are held in memory: 500,000 unless it is changed before the list is used.
	Capacity int

	store   Store
	clock   Clock
	keep    time.Duration
	polling chan struct{} // held by the call that reads the store

	mu         sync.RWMutex
	sessions   map[string]session
	last       *reading // when the last good poll began; nil before the first
	late       lateEntries
	oldEpochs  map[string]struct{} // epochs that the store has said are not the current one
	prunedAt   time.Duration
	overflowed int // how many entries were left out because the list was full
	recovered  int // how many of these the last complete load has read
}

type session struct {
	seen   time.Duration
	ending int  // how many transactions of this instance are ending it, or may have ended it
	stored bool // the store has an entry for it
}

// NewList returns a list that keeps each entry for the duration keep, which must be longer than an access token lives. It
// has not read anything, and so reads the store for every check until [List.Load] has succeeded.
func NewList(store Store, clock Clock, keep time.Duration) *List {
	return &List{
		Capacity: capacity, store: store, clock: clock, keep: keep, polling: make(chan struct{}, 1),
		sessions: map[string]session{}, oldEpochs: map[string]struct{}{},
		overflowed: 1, // the entries of the past have not been read
	}
}

// Staleness returns how long ago the last good Load or Poll began, or the longest duration if there was none. If the wall
// clock and the elapsed time differ, because the machine slept or somebody set the clock, the greater difference counts.
func (l *List) Staleness() time.Duration {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.staleness()
}

func (l *List) staleness() time.Duration {
	if l.last == nil {
		return math.MaxInt64
	}
	return max(l.clock.Elapsed()-l.last.elapsed, l.clock.Now().Sub(l.last.wall).Abs())
}

// Now returns the time at which access tokens are issued and checked: this instance's, or the store's if that is ahead. The
// store keeps an entry until the session's tokens have expired by its own clock, so a token must not live longer on an
// instance whose clock is behind.
func (l *List) Now() time.Time {
	l.mu.RLock()
	defer l.mu.RUnlock()
	now := l.clock.Now()
	if l.last == nil {
		return now
	}
	if store := l.last.store.Add(l.clock.Elapsed() - l.last.elapsed); store.After(now) {
		return store.Truncate(time.Microsecond)
	}
	return now
}

// Ended reports whether the session is known to have ended. It looks at memory only, which may lag behind the store.
func (l *List) Ended(id string) bool {
	l.mu.RLock()
	defer l.mu.RUnlock()
	_, ended := l.sessions[id]
	return ended
}

// Len returns how many entries are held in memory.
func (l *List) Len() int {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return len(l.sessions)
}

// Add revokes sessions whose end this instance is about to commit.
func (l *List) Add(ids ...string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, id := range ids {
		l.change(id, func(s *session) { s.ending++ })
	}
}

// Undo undoes one call of Add, whose transaction has certainly not been committed. The sessions stay revoked if they have
// ended for another reason.
func (l *List) Undo(ids ...string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, id := range ids {
		s, found := l.sessions[id]
		if !found {
			continue
		}
		if s.ending = max(s.ending-1, 0); s.ending == 0 && !s.stored {
			delete(l.sessions, id)
		} else {
			l.sessions[id] = s
		}
	}
}

// change changes what is known of a session, unless the list is full.
func (l *List) change(id string, fn func(*session)) {
	s, found := l.sessions[id]
	if !found {
		if len(l.sessions) >= l.Capacity {
			l.overflowed++
			return
		}
		s.seen = l.clock.Elapsed()
	}
	fn(&s)
	l.sessions[id] = s
}
