package main

import (
	"time"

	"example.com/postern/domain"
)

// started is what the process's elapsed time is counted from.
var started = time.Now()

// systemClock is the [domain.Clock] of the process.
type systemClock struct{}

var _ domain.Clock = systemClock{}

// Now returns the machine's time, with the precision that every store keeps.
func (systemClock) Now() time.Time { return clock() }

// Elapsed goes by the monotonic clock, which stands still while the machine sleeps.
func (systemClock) Elapsed() time.Duration { return time.Since(started) }

// clock returns the machine's time: UTC, whole microseconds.
func clock() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }
