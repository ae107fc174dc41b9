package domain

import (
	"context"
	"fmt"
	"time"

	"example.com/postern/domain/throttle"
)

// revocationAge is how long the end of a session is kept: as long as an access token can live, and a minute for clocks that
// differ.
const revocationAge = MaxTokenLife + time.Minute

const (
	// firstBatch and maxBatch are how many rows a batch has at first, and at most. One that takes long is not made smaller than the first.
	firstBatch = 100
	maxBatch   = 500

	// batchTime is how long a batch may take before the next one is made smaller.
	batchTime = 50 * time.Millisecond
)

// Sweeper removes one kind of rows that are dead, in batches, each of which stands. A batch that failed is tried again with half as
// many rows, down to one; one that took long is followed by a smaller one. A Sweeper is for one goroutine at a time.
type Sweeper struct {
	Name  string // of the rows, for the log
	size  int    // of the next batch
	batch func(ctx context.Context, limit int) (int, error)

	// aged is true for rows that go by their age. More of them expire all the time, and some may be in use by others: a batch that
	// is not full ends the sweep.
	aged bool
}

// Sweepers returns one Sweeper for each kind of dead rows: expired sessions, throttles and idempotency records, the ends of sessions
// that no access token can outlive, and what deleted accounts and posts left. They are independent: a failure of one stops no other.
//
// An end goes when it is old by the store's clock and by this process's, because an end that goes too early lets a session come back,
// and the store's clock may have jumped ahead.
func Sweepers(store Store, clock Clock) []*Sweeper {
	aged := func(name string, age time.Duration, remove func(context.Context, time.Time, int) (int, error)) *Sweeper {
		return &Sweeper{Name: name, size: firstBatch, aged: true, batch: func(ctx context.Context, limit int) (int, error) {
			now, err := store.Now(ctx)
			if err != nil {
				return 0, err
			}
			return remove(ctx, now.Add(-age), limit)
		}}
	}
	return []*Sweeper{
		aged("expired sessions", 0, store.Sessions().DeleteExpired),
		aged("old ends of sessions", revocationAge, func(ctx context.Context, until time.Time, limit int) (int, error) {
			if own := clock.Now().Add(-revocationAge); own.Before(until) {
				until = own
			}
			return store.Sessions().DeleteEnds(ctx, until, limit)
		}),
		aged("expired throttles", 0, store.Throttles().DeleteExpired),
		{Name: "addresses that earlier versions knew", size: firstBatch, batch: func(ctx context.Context, limit int) (int, error) {
			return store.Throttles().DeletePrefix(ctx, throttle.LegacyPrefix, limit)
		}},
		aged("expired idempotency records", 0, store.Idempotency().DeleteExpired),
		{Name: "deleted accounts and posts", size: firstBatch, batch: store.Users().Purge},
	}
}

// Sweep removes what it finds and returns how many rows it worked on, and the first failure, even if it went on after that. It ends
// with ctx; the next call goes on.
func (s *Sweeper) Sweep(ctx context.Context) (total int, failure error) {
	for {
		size, start := s.size, time.Now()
		n, err := s.batch(ctx, size)
		total += n
		if err != nil && failure == nil {
			failure = fmt.Errorf("remove %s, %d rows at a time: %w", s.Name, size, err)
		}
		s.size = nextSize(size, n, err, time.Since(start))
		if ctx.Err() != nil || s.isOver(size, n, err) {
			return total, failure
		}
		pause(ctx, time.Since(start))
	}
}

// isOver reports whether a batch was the last of a sweep.
func (s *Sweeper) isOver(size, n int, err error) bool {
	switch {
	case err != nil:
		return n == 0 && size == 1
	case s.aged:
		return n < size
	}
	return n == 0
}

// nextSize returns how many rows the batch after one of that size has. A purge in which one step fails may still remove rows by its
// other steps. They go first.
func nextSize(size, n int, err error, took time.Duration) int {
	switch {
	case err != nil && n == 0:
		return max(1, size/2)
	case took > batchTime:
		return max(size/2, min(size, firstBatch)) // much of the time may be that of a busy store, whatever the size
	case n == size:
		return min(maxBatch, size+size/4+1)
	}
	return size
}

// pause leaves to others as much time as a batch took.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
