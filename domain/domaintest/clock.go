package domaintest

import (
	"sync"
	"time"
)

// Clock is a [domain.Clock] that stands still until it is moved. It is safe for concurrent use.
type Clock struct {
	mu      sync.Mutex
	now     time.Time
	elapsed time.Duration
}

// NewClock returns a clock that stands at t, in UTC and whole microseconds.
func NewClock(t time.Time) *Clock { return &Clock{now: t.UTC().Truncate(time.Microsecond)} }

// Now returns the wall clock's time: UTC, whole microseconds.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Elapsed returns by how much the clock was advanced.
func (c *Clock) Elapsed() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.elapsed
}

// Advance lets d pass, cut to whole microseconds, and returns the wall clock's time then.
func (c *Clock) Advance(d time.Duration) time.Time { return c.move(d, d) }

// Set moves the wall clock alone by d, forward or back, as an administrator does, or a machine that slept. It returns the wall
// clock's time then.
func (c *Clock) Set(d time.Duration) time.Time { return c.move(d, 0) }

func (c *Clock) move(wall, elapsed time.Duration) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(wall.Truncate(time.Microsecond))
	c.elapsed += elapsed
	return c.now
}
