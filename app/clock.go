package main

import (
	"time"

	"example.com/postern/domain"
)

// started is the start of the process.
var started = time.Now()

// systemClock is the [domain.Clock] of the process.
type systemClock struct{}

var _ domain.Clock = systemClock{}

// Now implements [domain.Clock].
func (systemClock) Now() time.Time { return clock() }

// Elapsed returns the time since the start of the process, by the monotonic clock. That clock stops while the machine sleeps.
func (systemClock) Elapsed() time.Duration { return time.Since(started) }

// clock returns the current time in UTC, in the precision of the stores.
func clock() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }
