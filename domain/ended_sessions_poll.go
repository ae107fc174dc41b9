package domain

import (
	"context"
	"fmt"
	"time"
)

// Load reads every end that the store knows of. The service takes no request before it has succeeded.
func (e *EndedSessions) Load(ctx context.Context) error {
	return e.follow(ctx, func(context.Context) (SessionEnd, error) {
		return SessionEnd{EndedAt: time.Unix(0, 0).UTC()}, nil
	}, true)
}

// Poll reads the ends of the last two minutes, in at most a second, and forgets those that no access token can outlive. If
// there was no room for some, and now is, or nothing was loaded yet, it is a Load of at most half a minute. One Poll or Load
// runs at a time; others wait.
func (e *EndedSessions) Poll(ctx context.Context) error {
	if e.mayReload() {
		ctx, cancel := context.WithTimeout(ctx, reloadTimeout)
		defer cancel()
		return e.Load(ctx)
	}
	ctx, cancel := context.WithTimeout(ctx, pollTimeout)
	defer cancel()
	return e.follow(ctx, func(ctx context.Context) (SessionEnd, error) {
		now, err := e.store.Now(ctx)
		return SessionEnd{EndedAt: now.Add(-endsOverlap)}, err
	}, false)
}

// mayReload tells whether ends are missing, and half of the room is free.
func (e *EndedSessions) mayReload() bool {
	e.prune()
	e.mu.RLock()
	defer e.mu.RUnlock()
	return e.overflows != e.covered && len(e.ends) <= e.max/2
}

// follow takes in the ends behind from, page by page.
func (e *EndedSessions) follow(ctx context.Context, from func(context.Context) (SessionEnd, error), whole bool) error {
	select {
	case e.turn <- struct{}{}:
		defer func() { <-e.turn }()
	case <-ctx.Done():
		return fmt.Errorf("follow ended sessions: %w", ctx.Err())
	}
	began, overflows := e.begin()
	after, err := from(ctx)
	for more := true; more && err == nil; {
		var page []SessionEnd
		page, err = e.store.Sessions().EndedAfter(ctx, after, endsPage)
		e.take(page)
		if more = len(page) == endsPage; more {
			after = page[len(page)-1]
		}
	}
	if err != nil {
		return fmt.Errorf("follow ended sessions: %w", err)
	}
	e.finish(began, overflows, whole)
	return nil
}

func (e *EndedSessions) begin() (began time.Duration, overflows int) {
	e.mu.RLock()
	defer e.mu.RUnlock()
	return e.clock.Elapsed(), e.overflows
}

func (e *EndedSessions) take(page []SessionEnd) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, end := range page {
		e.change(end.SessionID, func(end *sessionEnd) { end.stored = true })
	}
}

// finish makes a good poll count. What overflowed after it began is not made good by it.
func (e *EndedSessions) finish(began time.Duration, overflows int, whole bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.polled, e.polledAt = true, began
	if whole {
		e.covered = overflows
	}
}

// prune forgets, once in a while, the ends that no access token can outlive.
func (e *EndedSessions) prune() {
	e.mu.Lock()
	defer e.mu.Unlock()
	now := e.clock.Elapsed()
	if now-e.prunedAt < pruneInterval {
		return
	}
	e.prunedAt = now
	for id, end := range e.ends {
		if now-end.seen > endsKept {
			delete(e.ends, id)
		}
	}
}
