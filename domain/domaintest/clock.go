package domaintest

import (
	"sync"
	"time"
)

// Clock is a [domain.Clock] that tests move. It is safe for concurrent use.
type Clock struct {
	mu      sync.Mutex
	now     time.Time
	elapsed time.Duration
}

// NewClock returns a clock that shows t, in UTC and whole microseconds.
func NewClock(t time.Time) *Clock { return &Clock{now: t.UTC().Truncate(time.Microsecond)} }

// Now returns the wall clock's time: UTC, whole microseconds.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Elapsed returns the total time of all calls of Advance.
func (c *Clock) Elapsed() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.elapsed
}

// Advance moves the wall clock and the elapsed time forward by d. It returns the new time of the wall clock.
func (c *Clock) Advance(d time.Duration) time.Time { return c.move(d, d) }

// Set moves only the wall clock by d, forward or back, as if somebody had set it or the machine had slept. It returns the
// new time of the wall clock.
func (c *Clock) Set(d time.Duration) time.Time { return c.move(d, 0) }

func (c *Clock) move(wall, elapsed time.Duration) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(wall.Truncate(time.Microsecond))
	c.elapsed += elapsed
	return c.now
}
