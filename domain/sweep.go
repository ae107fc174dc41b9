package domain

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// endsKept is how long an end is of use: as long as an access token can live, and a minute for clocks that differ.
const endsKept = MaxTokenLife + time.Minute

// sweepBatch is how many rows a batch has.
const sweepBatch = 500

// Sweep removes what is dead and returns how many rows that were: expired sessions, throttles and idempotency records, ends that no
// access token can outlive, and what is left of deleted accounts. It does so in small batches, each of which stands, and ends with
// ctx; what is left then goes the next time. What cannot be removed keeps nothing else from going.
//
// An end goes when it is old by the store's clock and by this process's, because an end that goes too early lets a session come back,
// and the store's clock may have jumped ahead.
func Sweep(ctx context.Context, store Store, clock Clock) (total int, err error) {
	now, err := store.Now(ctx)
	if err != nil {
		return 0, fmt.Errorf("sweep: %w", err)
	}
	endsBefore := now.Add(-endsKept)
	if own := clock.Now().Add(-endsKept); own.Before(endsBefore) {
		endsBefore = own
	}
	var failures []error
	for _, step := range []struct {
		what  string
		batch func() (int, error)
	}{
		{"sessions", func() (int, error) { return store.Sessions().DeleteExpired(ctx, now, sweepBatch) }},
		{"ends of sessions", func() (int, error) { return store.Sessions().DeleteEnds(ctx, endsBefore, sweepBatch) }},
		{"throttles", func() (int, error) { return store.Throttles().DeleteExpired(ctx, now, sweepBatch) }},
		{"idempotency records", func() (int, error) { return store.Idempotency().DeleteExpired(ctx, now, sweepBatch) }},
		{"deleted accounts", func() (int, error) { return store.Users().Purge(ctx, sweepBatch) }},
	} {
		n, err := untilNone(step.batch)
		total += n
		if ctx.Err() != nil && len(failures) > 0 {
			break // that the time is over must not hide what failed before
		}
		if err != nil {
			failures = append(failures, fmt.Errorf("sweep %s: %w", step.what, err))
		}
		if ctx.Err() != nil {
			break
		}
	}
	return total, errors.Join(failures...)
}

// untilNone repeats a batch until it finds nothing more.
func untilNone(batch func() (int, error)) (total int, err error) {
	for {
		n, err := batch()
		if total += n; n == 0 || err != nil {
			return total, err
		}
	}
}

// indexBatch is how many posts a batch has. They may be long.
const indexBatch = 10

// IndexPosts makes searchable whatever is not yet, and returns how many posts that were. It ends with ctx, and goes on the next time.
func IndexPosts(ctx context.Context, store Store) (int, error) {
	total, err := untilNone(func() (int, error) { return store.Posts().Index(ctx, indexBatch) })
	if err != nil {
		return total, fmt.Errorf("index posts: %w", err)
	}
	return total, nil
}
