package password

import (
	"context"
	"sync"
	"time"

	"example.com/postern/domain"
)

// gate bounds the calls that work at once and the calls that wait for their turn. A weighted semaphore would serve waiters
// in the order of arrival; here networks take turns.
type gate struct {
	maxWait time.Duration
	waited  func(time.Duration) // see [Options.Waited]

	mu    sync.Mutex
	idle  int // idle workers; zero while a call waits
	queue queue
}

func newGate(workers, capacity int, maxWait time.Duration, waited func(time.Duration)) *gate {
	if waited == nil {
		waited = func(time.Duration) {}
	}
	return &gate{maxWait: maxWait, waited: waited, idle: workers, queue: queue{capacity: capacity, hashes: capacity / 2}}
}

// run waits for a worker and runs work in the calling goroutine.
func (g *gate) run(ctx context.Context, from domain.Network, hash bool, work func()) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	start := time.Now()
	if err := g.enter(ctx, newWaiter(from, hash)); err != nil {
		return err
	}
	defer g.leave()
	g.waited(time.Since(start))
	work()
	return nil
}

// enter waits for a worker. The caller gives it back by leave.
func (g *gate) enter(ctx context.Context, w *waiter) error {
	if !g.join(w) {
		return domain.ErrHasherBusy
	}
	timeout := time.NewTimer(g.maxWait)
	defer timeout.Stop()
	var reason error
	select {
	case err := <-w.result:
		return err
	case <-timeout.C:
		reason = domain.ErrHasherBusy
	case <-ctx.Done():
		reason = ctx.Err()
	}
	if g.withdraw(w) {
		return reason
	}
	// It got its turn at the same moment.
	if err := <-w.result; err != nil {
		return err
	}
	g.leave()
	return reason
}

// join takes an idle worker or else a place in the queue. It reports false if there is neither.
func (g *gate) join(w *waiter) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.idle == 0 {
		return g.queue.add(w)
	}
	g.idle--
	w.result <- nil
	return true
}

func (g *gate) waiting() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.queue.waiters)
}

// withdraw removes a call from the queue. It reports whether the call was still waiting.
func (g *gate) withdraw(w *waiter) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.queue.remove(w)
}

// leave gives the worker to the next waiting call.
func (g *gate) leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if next := g.queue.next(); next != nil {
		next.result <- nil
	} else {
		g.idle++
	}
}
