package domain

import (
	"context"
	"time"
)

// Throttle counts the tries that failed for one reason to count them. Times are the store's (see [Store.Now]); the zero
// value with an ID is one that nothing was counted for yet.
type Throttle struct {
	ID         string    // at most 64 octets of ASCII; holds nothing that a client sent
	Failures   int64     // tries that failed
	Reserved   int64     // tries whose outcome is not known yet
	ReservedAt time.Time // when Reserved last grew
	Since      time.Time // when the first of Failures was counted
	Until      time.Time // no try is allowed before
	ExpiresAt  time.Time // from then on it counts for nothing and may be removed
}

// ThrottleRepository keeps throttles. It stands beside the transactions of a store: a hot throttle would make them fail.
type ThrottleRepository interface {
	// Change hands the throttles with these identifiers, in their order, to fn, and keeps what it makes of them, all or none.
	// Meanwhile nobody else changes them. At most 8, each once. The store may run fn again after losing a connection, so fn
	// has no effect but on its argument.
	Change(ctx context.Context, ids []string, fn func(t []Throttle)) error

	// DeletePrefix removes at most limit throttles whose ID begins with prefix, and returns how many.
	DeletePrefix(ctx context.Context, prefix string, limit int) (int, error)

	// DeleteExpired removes at most limit throttles that expired at or before now, and returns how many.
	DeleteExpired(ctx context.Context, now time.Time, limit int) (int, error)
}
