package domain

import (
	"context"
	"slices"
	"sync"
	"time"
)

// lines are where tries wait for others on this instance. The zero value is ready.
type lines struct {
	mu      sync.Mutex
	waiting map[string][]chan struct{} // the first in line first
}

// wait returns when it is the caller's turn, or d is over, or with the context's error.
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
		if woken := !l.leave(id, turn); woken {
			l.wake(id) // the next one, in the place of this one
		}
		return ctx.Err()
	}
}

// wake lets the first in line look again.
func (l *lines) wake(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if line := l.waiting[id]; len(line) > 0 {
		close(line[0])
		l.set(id, line[1:])
	}
}

// leave takes one out of the line, and tells whether it still stood there.
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
