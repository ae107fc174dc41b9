package throttle

import (
	"context"
	"time"
)

// Counter counts failed tries for one rule. Its times are the store's. A Counter with only an ID has not counted anything.
type Counter struct {
	ID         string    // at most 64 ASCII characters, without any text that a client sent
	Failures   int64     // failed tries
	Reserved   int64     // tries whose outcome is not known yet
	ReservedAt time.Time // when Reserved last grew
	Since      time.Time // when the first of Failures was counted
	Until      time.Time // no try is allowed before this time
	ExpiresAt  time.Time // when the counter becomes meaningless and may be deleted
}

// extend makes the counter expire at or after t.
func (c *Counter) extend(t time.Time) {
	if t.After(c.ExpiresAt) {
		c.ExpiresAt = t
	}
}

// reset forgets the failures.
func (c *Counter) reset() { c.Failures, c.Since, c.Until = 0, time.Time{}, time.Time{} }

// Repository stores counters. It does not take part in the transactions of a store, because counters that many clients
// change would make transactions fail.
type Repository interface {
	// Change calls fn with the counters of ids, in that order, and stores the changed counters atomically. No other call
	// changes them meanwhile. There are at most 8 distinct ids. The store may call fn again after losing a connection, so
	// fn must have no effect except on its argument.
	Change(ctx context.Context, ids []string, fn func([]Counter)) error

	// DeletePrefix deletes at most limit counters whose ID begins with prefix, and returns how many.
	DeletePrefix(ctx context.Context, prefix string, limit int) (int, error)

	// DeleteExpired deletes at most limit counters that expired at or before now, and returns how many.
	DeleteExpired(ctx context.Context, now time.Time, limit int) (int, error)
}

// Store is the part of a service's store that a [Guard] uses.
type Store interface {
	// Now returns the time of the clock that all instances share.
	Now(ctx context.Context) (time.Time, error)

	Throttles() Repository
}
