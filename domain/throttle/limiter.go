package throttle

import (
	"sync"
	"time"
)

// maxAccounts bounds how many accounts a [Limiter] counts at a time. The writes of further accounts are not limited.
const maxAccounts = 100_000

// Clock measures the time since a fixed moment in the past. It never goes back.
type Clock interface{ Elapsed() time.Duration }

// Limiter limits the writes of each account on this instance: to a burst at once, and to a rate in the long run. A nil
// Limiter has no limit. It is safe for concurrent use.
type Limiter struct {
	clock     Clock
	perMinute int64
	interval  time.Duration // between two writes in the long run
	burst     time.Duration // one interval for each write that is allowed at once

	mu         sync.Mutex
	fullAt     map[int64]time.Duration // when an account will have its whole burst again
	nextForget time.Duration           // when the accounts that have their whole burst are forgotten
}

// NewLimiter returns a limiter, or nil if burst or perMinute is not positive.
func NewLimiter(clock Clock, burst, perMinute int64) *Limiter {
	if burst <= 0 || perMinute <= 0 {
		return nil
	}
	interval := time.Minute / time.Duration(perMinute)
	return &Limiter{
		clock: clock, perMinute: perMinute, interval: interval, burst: time.Duration(burst) * interval,
		fullAt: map[int64]time.Duration{},
	}
}

// Take counts a write of the account. If the limit is reached it returns a [*LimitError] and does not count it.
func (l *Limiter) Take(account int64) error {
	if l == nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.clock.Elapsed()
	l.forget(now)
	full, known := l.fullAt[account]
	if !known && len(l.fullAt) >= maxAccounts {
		return nil
	}
	full = max(full, now) + l.interval
	if wait := full - now - l.burst; wait > 0 {
		return &LimitError{Quota: Quota{writesPolicy, l.perMinute, time.Minute}, Wait: wait}
	}
	l.fullAt[account] = full
	return nil
}

// forget removes the accounts that have their whole burst again. It does so at most once in the time in which an empty
// account gets its whole burst back.
func (l *Limiter) forget(now time.Duration) {
	if now < l.nextForget {
		return
	}
	l.nextForget = now + l.burst
	for account, full := range l.fullAt {
		if full <= now {
			delete(l.fullAt, account)
		}
	}
}
