package search

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"time"
)

// ErrBusy is returned by [Gate.Enter] when a search has waited too long.
var ErrBusy = errors.New("too many searches are running")

// Gate bounds how many searches run at once. Searches wait in one queue per client, and the clients take turns. If more
// than one search may run, a single client never runs all of them, so another client can always start one at once. A nil
// Gate admits every search. It is safe for concurrent use.
type Gate struct {
	wait      time.Duration
	perClient int // how many searches one client may run

	mu     sync.Mutex
	free   int      // how many more searches may run
	queues []*queue // the client whose turn is next is first
}

// queue holds the searches of one client. It exists as long as there are any.
type queue struct {
	client  string
	running int
	waiting []chan struct{} // oldest first; closed when the search may run
}

// NewGate returns a gate for at most limit searches at once, each of which waits for at most wait. It returns nil if limit
// is not positive.
func NewGate(limit int, wait time.Duration) *Gate {
	if limit <= 0 {
		return nil
	}
	return &Gate{wait: wait, free: limit, perClient: max(limit-1, 1)}
}

// Enter waits until the client may start a search. The caller must call leave when the search is over. Enter returns
// [ErrBusy] if the wait is too long, and the context's error if ctx ends first.
func (g *Gate) Enter(ctx context.Context, client string) (leave func(), err error) {
	if g == nil {
		return func() {}, ctx.Err()
	}
	turn := g.join(client)
	bounded, cancel := context.WithTimeout(ctx, g.wait)
	defer cancel()
	select {
	case <-turn:
		return func() { g.leave(client) }, nil
	case <-bounded.Done():
		if !g.abandon(client, turn) {
			g.leave(client) // the turn came at the same moment
		}
		return nil, cmp.Or(ctx.Err(), ErrBusy)
	}
}

func (g *Gate) join(client string) (turn chan struct{}) {
	g.mu.Lock()
	defer g.mu.Unlock()
	i := g.index(client)
	if i < 0 {
		i = len(g.queues)
		g.queues = append(g.queues, &queue{client: client})
	}
	turn = make(chan struct{})
	g.queues[i].waiting = append(g.queues[i].waiting, turn)
	g.startNext()
	return turn
}

// leave ends a search. The client's next turn comes after those of the other clients.
func (g *Gate) leave(client string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	i := g.index(client)
	g.queues[i].running--
	g.free++
	g.moveBack(i)
	g.startNext()
}

// startNext starts the first search that may run.
func (g *Gate) startNext() {
	i := slices.IndexFunc(g.queues, func(q *queue) bool { return len(q.waiting) > 0 && q.running < g.perClient })
	if i < 0 || g.free == 0 {
		return
	}
	q := g.queues[i]
	close(q.waiting[0])
	q.waiting = q.waiting[1:]
	q.running++
	g.free--
	g.moveBack(i)
}

// moveBack puts a queue behind the others, or removes it if it is empty.
func (g *Gate) moveBack(i int) {
	q := g.queues[i]
	g.queues = slices.Delete(g.queues, i, i+1)
	if q.running > 0 || len(q.waiting) > 0 {
		g.queues = append(g.queues, q)
	}
}

// abandon removes a waiting search, and reports whether it was still waiting.
func (g *Gate) abandon(client string, turn chan struct{}) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	at := g.index(client) // there is a queue as long as the search waits or may run
	q := g.queues[at]
	i := slices.Index(q.waiting, turn)
	if i < 0 {
		return false
	}
	q.waiting = slices.Delete(q.waiting, i, i+1)
	if len(q.waiting) == 0 && q.running == 0 {
		g.queues = slices.Delete(g.queues, at, at+1)
	}
	return true
}

func (g *Gate) index(client string) int {
	return slices.IndexFunc(g.queues, func(q *queue) bool { return q.client == client })
}
