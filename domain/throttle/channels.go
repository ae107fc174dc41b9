package throttle

import (
	"cmp"
	"context"
	"sync"
	"time"
)

// channels has a channel for each key that somebody uses. The zero value is ready to use.
type channels struct {
	mu    sync.Mutex
	byKey map[string]*channel
}

type channel struct {
	c     chan struct{}
	users int // how many have joined and not left
}

// join returns the channel of a key, and makes one with a buffer of that size if nobody uses it yet. The caller must call leave.
func (s *channels) join(key string, size int) (c chan struct{}, leave func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byKey == nil {
		s.byKey = map[string]*channel{}
	}
	own := s.byKey[key]
	if own == nil {
		own = &channel{c: make(chan struct{}, size)}
		s.byKey[key] = own
	}
	own.users++
	return own.c, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if own.users--; own.users == 0 {
			delete(s.byKey, key)
		}
	}
}

// shareSize is how many changes of counters a network may make at once on an instance. The changes of one network wait for each
// other's rows in the store anyway. So a small share does not slow the network down, and leaves connections to other networks.
const shareSize = 4

// shareWait is how long a change waits for a slot of its network's share.
const shareWait = 2 * time.Second

// shares limits how many changes each network makes at once.
type shares struct{ channels }

// acquire waits for a slot of the network's share, first come, first served. The caller must call release. It returns [ErrBusy]
// if the wait is too long, and the context's error if ctx ends first.
func (s *shares) acquire(ctx context.Context, network string) (release func(), err error) {
	slots, leave := s.join(network, shareSize)
	bounded, cancel := context.WithTimeout(ctx, shareWait)
	defer cancel()
	select {
	case slots <- struct{}{}:
		return func() { <-slots; leave() }, nil
	case <-bounded.Done():
		leave()
		return nil, cmp.Or(ctx.Err(), ErrBusy)
	}
}

// queues holds a queue for each id. A try waits in it for other tries on this instance.
type queues struct{ channels }

// wait returns nil when it is the caller's turn or d has passed, and the context's error if ctx ends first.
func (q *queues) wait(ctx context.Context, id string, d time.Duration) error {
	turns, leave := q.enter(id)
	defer leave()
	bounded, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	select {
	case <-turns:
		return nil
	case <-bounded.Done():
		return ctx.Err()
	}
}

// enter joins a queue. Its buffer keeps a wake-up for a try that has joined and does not receive yet. A try that finds an old
// wake-up in it only checks once more than needed.
func (q *queues) enter(id string) (turns chan struct{}, leave func()) { return q.join(id, 1) }

// wake ends the wait of the try that has waited longest in a queue.
func (q *queues) wake(id string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if own := q.byKey[id]; own != nil {
		select {
		case own.c <- struct{}{}:
		default:
		}
	}
}
