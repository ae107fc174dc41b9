package domaintest

import (
	"context"
	"slices"
	"sync"

	"example.com/postern/domain"
)

// Events is a domain.SecurityLog that keeps what is recorded. The zero value is ready. It is safe for concurrent use.
type Events struct {
	mu   sync.Mutex
	kept []domain.SecurityEvent
}

// Record keeps the event.
func (l *Events) Record(_ context.Context, e domain.SecurityEvent) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.kept = append(l.kept, e)
}

// All returns everything that was recorded, in order.
func (l *Events) All() []domain.SecurityEvent {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.kept)
}

// Take returns everything that was recorded since it was last called, in order.
func (l *Events) Take() []domain.SecurityEvent {
	l.mu.Lock()
	defer l.mu.Unlock()
	kept := l.kept
	l.kept = nil
	return kept
}
