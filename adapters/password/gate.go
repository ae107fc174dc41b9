package password

import (
	"context"
	"sync"
	"time"

	"example.com/postern/domain"
)

// gate lets a few calls work at once and a few more wait for their turn.
type gate struct {
	maxWait time.Duration

	mu    sync.Mutex
	idle  int // workers without work; above zero only while nobody waits
	queue queue
}

func newGate(workers, capacity int, maxWait time.Duration) *gate {
	return &gate{maxWait: maxWait, idle: workers, queue: queue{capacity: capacity, hashes: capacity / 2}}
}

// run runs work, in this goroutine, when a worker is free.
func (g *gate) run(ctx context.Context, from domain.Network, hash bool, work func()) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := g.enter(ctx, newWaiter(from, hash)); err != nil {
		return err
	}
	defer g.leave()
	work()
	return nil
}

// enter waits until the call may work. Its worker must be given back by leave.
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
	// It was called at the same moment.
	if err := <-w.result; err != nil {
		return err
	}
	g.leave()
	return reason
}

// join takes an idle worker or else a place in the queue, and reports whether there was either.
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

// withdraw takes a call out of the queue, and reports whether it was still waiting.
func (g *gate) withdraw(w *waiter) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.queue.remove(w)
}

// leave hands the worker to the call whose turn is next.
func (g *gate) leave() {
	g.mu.Lock()
	defer g.mu.Unlock()
	if next := g.queue.next(); next != nil {
		next.result <- nil
	} else {
		g.idle++
	}
}
