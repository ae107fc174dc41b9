package domaintest

import (
	"context"
	"slices"
	"sync"

	"example.com/postern/domain"
)

// Events is a [domain.SecurityLog] in memory. The zero value is ready to use. It is safe for concurrent use.
type Events struct {
	mu   sync.Mutex
	kept []domain.SecurityEvent
}

// Record implements [domain.SecurityLog]. It panics if the event is not one of [domain.SecurityEventNames].
func (l *Events) Record(_ context.Context, e domain.SecurityEvent) {
	if !slices.Contains(domain.SecurityEventNames, e.Name) {
		panic("domain.SecurityEventNames lacks " + e.Name)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.kept = append(l.kept, e)
}

// All returns all recorded events, in order.
func (l *Events) All() []domain.SecurityEvent {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.kept)
}

// Take returns the events recorded since its last call, in order.
func (l *Events) Take() []domain.SecurityEvent {
	l.mu.Lock()
	defer l.mu.Unlock()
	kept := l.kept
	l.kept = nil
	return kept
}
