package domain

import "time"

// Clock is this process's own clock. It has two hands, because either can be wrong in its own way.
type Clock interface {
	// Now returns the wall clock's time: UTC, whole microseconds. It may jump forward or back when somebody sets the clock.
	Now() time.Time

	// Elapsed returns the time since a fixed moment in the past. It never goes back, but may stand still while the machine
	// sleeps.
	Elapsed() time.Duration
}
