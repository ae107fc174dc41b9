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
	firstBatch = 100 // rows in the first batch; a slow batch is not made smaller than this
	maxBatch   = 500 // rows in the largest batch

	// batchTime is how long a batch may take before the next one is made smaller.
	batchTime = 50 * time.Millisecond
)

// Sweeper deletes dead rows of one kind, in batches that are committed separately. A failed batch is retried with half as many
// rows, down to one. A slow batch is followed by a smaller one. A Sweeper must not be used concurrently.
type Sweeper struct {
	Name  string // the name of the rows, for the log
	clock Clock
	size  int // the size of the next batch
	batch func(ctx context.Context, limit int) (int, error)

	// expiring is true for rows that expire. New ones expire all the time, and other transactions may lock some of them, so a
	// batch that is not full ends the sweep.
	expiring bool
}

// Sweepers returns one Sweeper for each kind of dead rows: expired sessions, throttles, idempotency records and e-mail
// tokens, old ends of sessions, buried mails, and the rows of deleted accounts and posts. They are independent: the failure
// of one does not stop the others.
//
// The end of a session is deleted when it is old by both the store's clock and this instance's. If it were deleted too
// early, because one clock jumped ahead, the session would be accepted again.
func Sweepers(store Store, clock Clock) []*Sweeper {
	expiring := func(name string, age time.Duration, remove func(context.Context, time.Time, int) (int, error)) *Sweeper {
		return &Sweeper{Name: name, clock: clock, size: firstBatch, expiring: true, batch: func(ctx context.Context, limit int) (int, error) {
			now, err := store.Now(ctx)
			if err != nil {
				return 0, err
			}
			return remove(ctx, now.Add(-age), limit)
		}}
	}
	return []*Sweeper{
		expiring("expired sessions", 0, store.Sessions().DeleteExpired),
		expiring("old ends of sessions", revocationAge, func(ctx context.Context, until time.Time, limit int) (int, error) {
			if own := clock.Now().Add(-revocationAge); own.Before(until) {
				until = own
			}
			return store.Sessions().DeleteEnds(ctx, until, limit)
		}),
		expiring("expired throttles", 0, store.Throttles().DeleteExpired),
		{Name: "known addresses of earlier versions", clock: clock, size: firstBatch, batch: func(ctx context.Context, limit int) (int, error) {
			return store.Throttles().DeletePrefix(ctx, throttle.LegacyPrefix, limit)
		}},
		expiring("expired idempotency records", 0, store.Idempotency().DeleteExpired),
		expiring("expired e-mail tokens", emailTokenKept, store.EmailTokens().DeleteExpired),
		{Name: "deleted accounts and posts", clock: clock, size: firstBatch, batch: store.Users().Purge},
		expiring("mails that could not be sent", mailBuriedLife, store.Outbox().DeleteBuried),
	}
}

// Sweep deletes dead rows and returns how many rows it processed. It returns the first error, even if it continued after it. It
// stops when ctx ends; the next call continues.
func (s *Sweeper) Sweep(ctx context.Context) (total int, failure error) {
	for {
		size, start := s.size, s.clock.Elapsed()
		n, err := s.batch(ctx, size)
		total += n
		if err != nil && failure == nil {
			failure = fmt.Errorf("remove %s, %d rows at a time: %w", s.Name, size, err)
		}
		took := s.clock.Elapsed() - start
		s.size = nextSize(size, n, err, took)
		if ctx.Err() != nil || s.isOver(size, n, err) {
			return total, failure
		}
		pause(ctx, took)
	}
}

// isOver reports whether a batch was the last of a sweep.
func (s *Sweeper) isOver(size, n int, err error) bool {
	switch {
	case err != nil:
		return n == 0 && size == 1
	case s.expiring:
		return n < size
	}
	return n == 0
}

// nextSize returns the size of the next batch. If only some steps of a purge failed, the size stays the same, so that the
// other steps finish first.
func nextSize(size, n int, err error, took time.Duration) int {
	switch {
	case err != nil && n == 0:
		return max(1, size/2)
	case took > batchTime:
		return max(size/2, min(size, firstBatch)) // a busy store may be slow at any size
	case n == size:
		return min(maxBatch, size+size/4+1)
	}
	return size
}

// pause waits for d, or until ctx ends. It leaves the store to others for as long as a batch took.
func pause(ctx context.Context, d time.Duration) {
	bounded, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	<-bounded.Done()
}
