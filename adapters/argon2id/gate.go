package argon2id

import (
	"context"
	"time"

	"example.com/postern/domain"
)

// places is a counting semaphore. A nil one has room for everybody.
type places chan struct{}

func (p places) tryTake() bool {
	if p == nil {
		return true
	}
	select {
	case p <- struct{}{}:
		return true
	default:
		return false
	}
}

func (p places) leave() {
	if p != nil {
		<-p
	}
}

// gate lets a few callers work at once and a few more wait.
type gate struct {
	workers places
	queue   places
	hashes  places // what part of the queue sign-ups may fill
	maxWait time.Duration
}

func newGate(workers, queue int, maxWait time.Duration) *gate {
	return &gate{make(places, workers), make(places, queue), make(places, queue/2), maxWait}
}

// run runs work, in this goroutine, when its turn comes. Who has to wait takes a place in part (nil: no such bound) and in
// the queue.
func (g *gate) run(ctx context.Context, part places, work func()) error {
	if err := g.enter(ctx, part); err != nil {
		return err
	}
	defer g.workers.leave()
	work()
	return nil
}

// enter takes the place of a worker.
func (g *gate) enter(ctx context.Context, part places) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if g.workers.tryTake() {
		return nil
	}
	if !part.tryTake() {
		return domain.ErrHasherBusy
	}
	defer part.leave()
	if !g.queue.tryTake() {
		return domain.ErrHasherBusy
	}
	defer g.queue.leave()
	timeout := time.NewTimer(g.maxWait)
	defer timeout.Stop()
	select {
	case g.workers <- struct{}{}:
		return nil
	case <-timeout.C:
		return domain.ErrHasherBusy
	case <-ctx.Done():
		return ctx.Err()
	}
}
