package revocation

import (
	"context"
	"fmt"
	"time"
)

// Load reads all entries of the store. The service must not accept requests before it has succeeded.
func (l *List) Load(ctx context.Context) error { return l.follow(ctx, ctx, true) }

// Poll reads the entries since the last good poll, in at most a second, and forgets those that no access token can outlive.
// It reads all entries, in at most half a minute, after a gap (see the package documentation), or if entries had been left
// out for lack of room and half of the room is free now. Only one Poll or Load runs at a time; others wait.
func (l *List) Poll(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, reloadTimeout)
	defer cancel()
	short, cancel := context.WithTimeout(ctx, pollTimeout)
	defer cancel()
	l.prune()
	return l.follow(ctx, short, l.shouldReload())
}

// shouldReload reports whether entries are missing and half of the room is free.
func (l *List) shouldReload() bool {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.overflowed != l.recovered && len(l.sessions) <= l.Capacity/2
}

// follow reads the entries of the store: all of them under ctx, or those since the last good poll under short.
func (l *List) follow(ctx, short context.Context, all bool) (err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("follow ended sessions: %w", err)
		}
	}()
	select {
	case l.polling <- struct{}{}:
		defer func() { <-l.polling }()
	case <-short.Done():
		return short.Err()
	}
	began, overflowed, err := l.begin(short)
	if err != nil {
		return err
	}
	after, all := l.start(began, all)
	if !all {
		ctx = short
	}
	if err := l.readPages(ctx, after); err != nil {
		return err
	}
	l.finish(began, overflowed, all)
	return nil
}

// begin reads all clocks and the store's epoch. It reads this instance's clock first, so that a poll never looks younger than
// it is.
func (l *List) begin(ctx context.Context) (began reading, overflowed int, err error) {
	l.mu.RLock()
	overflowed = l.overflowed
	l.mu.RUnlock()
	began = reading{wall: l.clock.Now(), elapsed: l.clock.Elapsed()}
	if began.store, err = l.store.Now(ctx); err != nil {
		return reading{}, 0, err
	}
	began.epoch, err = l.store.Epoch(ctx)
	return began, overflowed, err
}

// start returns the entry after which to read, and whether that is the beginning.
func (l *List) start(began reading, all bool) (Entry, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.last != nil {
		l.late.expect(*l.last, began)
	}
	if all || l.last == nil || !l.last.continues(began) {
		return Entry{EndedAt: time.Unix(0, 0).UTC()}, true
	}
	return Entry{EndedAt: l.late.since(*l.last, began).Add(-overlap)}, false
}

// readPages adds the entries that follow after.
func (l *List) readPages(ctx context.Context, after Entry) error {
	for {
		page, err := l.store.EndedAfter(ctx, after, pageSize)
		if err != nil {
			return err
		}
		l.addPage(page)
		if len(page) < pageSize {
			return nil
		}
		after = page[len(page)-1]
	}
}

func (l *List) addPage(page []Entry) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, entry := range page {
		l.change(entry.SessionID, func(s *session) { s.stored = true })
	}
}

// finish records a good poll. A complete one makes up for the entries that were left out before it began.
func (l *List) finish(began reading, overflowed int, all bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.last != nil && l.last.epoch != began.epoch {
		clear(l.oldEpochs)
	}
	l.last = &began
	if all {
		l.recovered = overflowed
	}
}

// prune forgets the entries that no access token can outlive, at most once a minute.
func (l *List) prune() {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.clock.Elapsed()
	if now-l.prunedAt < pruneInterval {
		return
	}
	l.prunedAt = now
	for id, s := range l.sessions {
		if now-s.seen > l.keep {
			delete(l.sessions, id)
		}
	}
}
