package domain

import (
	"context"
	"fmt"
	"time"
)

// Load reads every end that the store knows of. The service takes no request before it has succeeded.
func (e *EndedSessions) Load(ctx context.Context) error { return e.follow(ctx, ctx, true) }

// Poll reads the ends since the last good poll, in at most a second, and forgets those that no access token can outlive. It reads
// everything, in at most half a minute, if it cannot go on from the last good poll (see reading.continues), or if ends were left
// out for want of room and half of it is free now. One Poll or Load runs at a time; others wait.
func (e *EndedSessions) Poll(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, reloadTimeout)
	defer cancel()
	hurried, cancel := context.WithTimeout(ctx, pollTimeout)
	defer cancel()
	return e.follow(ctx, hurried, e.mayReload())
}

// mayReload reports whether ends are missing, and half of the room is free.
func (e *EndedSessions) mayReload() bool {
	e.prune()
	e.mu.RLock()
	defer e.mu.RUnlock()
	return e.overflows != e.covered && len(e.ends) <= e.max/2
}

// follow takes in the ends of the store: all of them, or in a hurry those since the last good poll.
func (e *EndedSessions) follow(ctx, hurried context.Context, whole bool) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("follow ended sessions: %w", err)
		}
	}()
	select {
	case e.turn <- struct{}{}:
		defer func() { <-e.turn }()
	case <-hurried.Done():
		return hurried.Err()
	}
	began, overflows, err := e.begin(hurried)
	if err != nil {
		return err
	}
	after, whole := e.from(began, whole)
	if !whole {
		ctx = hurried
	}
	if err := e.takeAll(ctx, after); err != nil {
		return err
	}
	e.finish(began, overflows, whole)
	return nil
}

// takeAll takes in the ends behind after, page by page.
func (e *EndedSessions) takeAll(ctx context.Context, after SessionEnd) error {
	for {
		page, err := e.store.Sessions().EndedAfter(ctx, after, endsPage)
		if err != nil {
			return err
		}
		e.take(page)
		if len(page) < endsPage {
			return nil
		}
		after = page[len(page)-1]
	}
}

// begin reads all clocks, this instance's first, so that the poll never looks younger than it is, and the store's epoch.
func (e *EndedSessions) begin(ctx context.Context) (began reading, overflows int, err error) {
	e.mu.RLock()
	overflows = e.overflows
	e.mu.RUnlock()
	began = reading{wall: e.clock.Now(), elapsed: e.clock.Elapsed()}
	if began.store, err = e.store.Now(ctx); err != nil {
		return reading{}, 0, err
	}
	began.epoch, err = e.store.Epoch(ctx)
	return began, overflows, err
}

// from returns the end to read on from, and whether that is the beginning.
func (e *EndedSessions) from(began reading, whole bool) (SessionEnd, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.last != nil {
		e.late.expect(*e.last, began)
	}
	if whole || e.last == nil || !e.last.continues(began) {
		return SessionEnd{EndedAt: time.Unix(0, 0).UTC()}, true
	}
	return SessionEnd{EndedAt: e.late.since(*e.last, began).Add(-endsOverlap)}, false
}

func (e *EndedSessions) take(page []SessionEnd) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, end := range page {
		e.change(end.SessionID, func(end *sessionEnd) { end.stored = true })
	}
}

// finish makes a good poll count. What overflowed after it began is not made good by it.
func (e *EndedSessions) finish(began reading, overflows int, whole bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.last != nil && e.last.epoch != began.epoch {
		clear(e.over)
	}
	e.last = &began
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
