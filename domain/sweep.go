package domain

import (
	"context"
	"fmt"
	"time"
)

// endsKept is how long an end is of use: as long as an access token can live, and a minute for clocks that differ.
const endsKept = MaxTokenLife + time.Minute

// How many rows a batch has. Posts may be long.
const (
	sweepBatch = 500
	indexBatch = 50
)

// Sweep removes what is dead and returns how many rows that were: expired sessions and throttles, ends that no access token
// can outlive, and what is left of deleted accounts. It also makes searchable what an older program has written. It does so in small batches, each of which stands, and ends with ctx;
// what is left then goes the next time.
func Sweep(ctx context.Context, store Store) (int, error) {
	now, err := store.Now(ctx)
	if err != nil {
		return 0, fmt.Errorf("sweep: %w", err)
	}
	total := 0
	for _, batch := range []func() (int, error){
		func() (int, error) { return store.Sessions().DeleteExpired(ctx, now, sweepBatch) },
		func() (int, error) { return store.Sessions().DeleteEnds(ctx, now.Add(-endsKept), sweepBatch) },
		func() (int, error) { return store.Throttles().DeleteExpired(ctx, now, sweepBatch) },
		func() (int, error) { return store.Idempotency().DeleteExpired(ctx, now, sweepBatch) },
		func() (int, error) { return store.Users().Purge(ctx, sweepBatch) },
		func() (int, error) { return store.Posts().Index(ctx, indexBatch) },
	} {
		for {
			n, err := batch()
			total += n
			if err != nil {
				return total, fmt.Errorf("sweep: %w", err)
			}
			if n == 0 {
				break
			}
		}
	}
	return total, nil
}
