package throttle

import (
	"context"
	"slices"
	"sync"
	"time"
)

// maxWaiting is how many tries may wait on an instance; more are refused at once.
const maxWaiting = 200

// waitingRoom counts the tries that wait for others. The zero value is ready to use.
type waitingRoom struct {
	mu        sync.Mutex
	total     int
	byNetwork map[string]int
}

// enter reports whether one more try from the network may wait. A network may have at most as many waiting tries as there
// are free places. So one network alone gets half of the places, and the next one always finds some.
func (w *waitingRoom) enter(network string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.byNetwork[network] >= maxWaiting-w.total {
		return false
	}
	if w.byNetwork == nil {
		w.byNetwork = map[string]int{}
	}
	w.byNetwork[network]++
	w.total++
	return true
}

// leave must be called once for each enter that returned true.
func (w *waitingRoom) leave(network string) {
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
