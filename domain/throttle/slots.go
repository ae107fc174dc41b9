package throttle

import (
	"context"
	"slices"
	"sync"
	"time"
)

// maxWaiting is how many tries may wait on an instance. Further tries are refused at once.
const maxWaiting = 200

// Slots limits how many tries of all networks run at once. The zero value has no slot. It is safe for concurrent use.
type Slots struct {
	size int

	mu        sync.Mutex
	total     int
	byNetwork map[string]int
}

// NewSlots returns the given number of slots.
func NewSlots(size int) *Slots { return &Slots{size: size} }

// Acquire takes a slot for a network, and reports whether there was one. A network may have at most as many slots as are free. So
// one network gets at most half of the slots, and there is always a slot for the next network.
func (w *Slots) Acquire(network string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.byNetwork[network] >= w.size-w.total {
		return false
	}
	if w.byNetwork == nil {
		w.byNetwork = map[string]int{}
	}
	w.byNetwork[network]++
	w.total++
	return true
}

// Release gives a slot back. It must be called once for each call of Acquire that reported true.
func (w *Slots) Release(network string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.total--
	if w.byNetwork[network]--; w.byNetwork[network] == 0 {
		delete(w.byNetwork, network)
	}
}

// queues are the queues, by id, in which tries wait for other tries on this instance. The zero value is ready to use.
type queues struct {
	mu      sync.Mutex
	waiting map[string][]chan struct{} // oldest first
}

// wait returns nil when it is the caller's turn or d has passed, and the context's error if ctx ends first.
func (q *queues) wait(ctx context.Context, id string, d time.Duration) error {
	turn := make(chan struct{})
	q.mu.Lock()
	if q.waiting == nil {
		q.waiting = map[string][]chan struct{}{}
	}
	q.waiting[id] = append(q.waiting[id], turn)
	q.mu.Unlock()
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-turn:
		return nil
	case <-timer.C:
		q.leave(id, turn)
		return nil
	case <-ctx.Done():
		if !q.leave(id, turn) {
			q.wake(id) // the turn came at the same moment: give it to the next
		}
		return ctx.Err()
	}
}

// wake ends the wait of the first try in a queue.
func (q *queues) wake(id string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if queue := q.waiting[id]; len(queue) > 0 {
		close(queue[0])
		q.set(id, queue[1:])
	}
}

// leave removes a try from its queue, and reports whether it was still waiting.
func (q *queues) leave(id string, turn chan struct{}) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	i := slices.Index(q.waiting[id], turn)
	if i >= 0 {
		q.set(id, slices.Delete(q.waiting[id], i, i+1))
	}
	return i >= 0
}

func (q *queues) set(id string, queue []chan struct{}) {
	if len(queue) == 0 {
		delete(q.waiting, id)
	} else {
		q.waiting[id] = queue
	}
}
