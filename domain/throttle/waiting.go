package throttle

import (
	"context"
	"slices"
	"sync"
	"time"
)

// maxWaiting is how many tries may wait on an instance; more are refused at once.
const maxWaiting = 200

// Places bounds how many tries of all networks are in progress. The zero value has no place. It is safe for concurrent use.
type Places struct {
	size int

	mu        sync.Mutex
	total     int
	byNetwork map[string]int
}

// NewPlaces returns the given number of places.
func NewPlaces(size int) *Places { return &Places{size: size} }

// Enter takes a place for a network. It reports false if there is none. A network may take at most as many places as are
// free, so one network alone gets half of them and the next one always finds some.
func (w *Places) Enter(network string) bool {
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

// Leave gives a place back. It must be called once for each call of Enter that reported true.
func (w *Places) Leave(network string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.total--
	if w.byNetwork[network]--; w.byNetwork[network] == 0 {
		delete(w.byNetwork, network)
	}
}

// lines are queues in which tries wait for others on this instance. The zero value is ready to use.
type lines struct {
	mu      sync.Mutex
	waiting map[string][]chan struct{} // oldest first
}

// wait returns nil when it is the caller's turn or d is over, and the context's error if ctx ends first.
func (l *lines) wait(ctx context.Context, id string, d time.Duration) error {
	turn := make(chan struct{})
	l.mu.Lock()
	if l.waiting == nil {
		l.waiting = map[string][]chan struct{}{}
	}
	l.waiting[id] = append(l.waiting[id], turn)
	l.mu.Unlock()
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-turn:
		return nil
	case <-timer.C:
		l.leave(id, turn)
		return nil
	case <-ctx.Done():
		if !l.leave(id, turn) {
			l.wake(id) // its turn came at the same moment: pass it on
		}
		return ctx.Err()
	}
}

// wake ends the wait of the first in line.
func (l *lines) wake(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if line := l.waiting[id]; len(line) > 0 {
		close(line[0])
		l.set(id, line[1:])
	}
}

// leave removes a try from its line, and reports whether it was still in it.
func (l *lines) leave(id string, turn chan struct{}) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	i := slices.Index(l.waiting[id], turn)
	if i >= 0 {
		l.set(id, slices.Delete(l.waiting[id], i, i+1))
	}
	return i >= 0
}

func (l *lines) set(id string, line []chan struct{}) {
	if len(line) == 0 {
		delete(l.waiting, id)
	} else {
		l.waiting[id] = line
	}
}
