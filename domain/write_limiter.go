package domain

import (
	"sync"
	"time"
)

const (
	writesPolicy = "writes"

	// maxWriters bounds how many accounts are counted at a time. More than that are not limited.
	maxWriters = 100_000
)

// WriteLimiter limits how much an account writes on this instance: a burst at once, and as many a minute in the long run. The posts and
// the user service share one. A nil limiter has no limit.
type WriteLimiter struct {
	clock     Clock
	perMinute int64
	interval  time.Duration // between two writes in the long run
	burst     time.Duration // that many intervals

	mu   sync.Mutex
	full map[UserID]time.Duration // when an account will have its whole burst again, by [Clock.Elapsed]
	next time.Duration            // when the accounts that have it are forgotten
}

// NewWriteLimiter returns a limiter, or nil if either figure is 0.
func NewWriteLimiter(clock Clock, burst, perMinute int64) *WriteLimiter {
	if burst <= 0 || perMinute <= 0 {
		return nil
	}
	interval := time.Minute / time.Duration(perMinute)
	return &WriteLimiter{
		clock: clock, perMinute: perMinute, interval: interval, burst: time.Duration(burst) * interval, full: map[UserID]time.Duration{},
	}
}

// take counts a write of the account, or returns an error of kind [ErrTooMany], which is not counted.
func (l *WriteLimiter) take(id UserID) error {
	if l == nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.clock.Elapsed()
	l.forget(now)
	full, known := l.full[id]
	if !known && len(l.full) >= maxWriters {
		return nil
	}
	full = max(full, now) + l.interval
	if wait := full - now - l.burst; wait > 0 {
		return tooMany("Too much was written with this account. Try again later.", wait, Quota{writesPolicy, l.perMinute, time.Minute})
	}
	l.full[id] = full
	return nil
}

// forget removes the accounts that have their whole burst again, at most once in the time that an empty one needs to fill.
func (l *WriteLimiter) forget(now time.Duration) {
	if now < l.next {
		return
	}
	l.next = now + l.burst
	for id, full := range l.full {
		if full <= now {
			delete(l.full, id)
		}
	}
}
