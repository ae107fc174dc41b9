package domain

import (
	"context"
	"fmt"
	"time"
)

// endsKept is how long the end of a session is kept: as long as an access token can live, and a minute for clocks that differ.
const endsKept = MaxTokenLife + time.Minute

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
}

// Sweepers returns one Sweeper for each kind of dead rows: expired sessions, throttles and idempotency records, the ends of sessions
// that no access token can outlive, and what deleted accounts and posts left. They are independent: a failure of one stops no other.
//
// An end goes when it is old by the store's clock and by this process's, because an end that goes too early lets a session come back,
// and the store's clock may have jumped ahead.
func Sweepers(store Store, clock Clock) []*Sweeper {
	aged := func(name string, age time.Duration, remove func(context.Context, time.Time, int) (int, error)) *Sweeper {
		return &Sweeper{name, firstBatch, func(ctx context.Context, limit int) (int, error) {
			now, err := store.Now(ctx)
			if err != nil {
				return 0, err
			}
			return remove(ctx, now.Add(-age), limit)
		}}
	}
	return []*Sweeper{
		aged("expired sessions", 0, store.Sessions().DeleteExpired),
		aged("old ends of sessions", endsKept, func(ctx context.Context, until time.Time, limit int) (int, error) {
			if own := clock.Now().Add(-endsKept); own.Before(until) {
				until = own
			}
			return store.Sessions().DeleteEnds(ctx, until, limit)
		}),
		aged("expired throttles", 0, store.Throttles().DeleteExpired),
		{"addresses that earlier versions knew", firstBatch, func(ctx context.Context, limit int) (int, error) {
			return store.Throttles().DeletePrefix(ctx, unkeyedKnown, limit)
		}},
		aged("expired idempotency records", 0, store.Idempotency().DeleteExpired),
		{"deleted accounts and posts", firstBatch, store.Users().Purge},
	}
}

// Sweep removes what it finds and returns how many rows it worked on. It ends with ctx; the next call goes on.
func (s *Sweeper) Sweep(ctx context.Context) (total int, err error) {
	for {
		start := time.Now()
		n, err := s.batch(ctx, s.size)
		total += n
		switch took := time.Since(start); {
		case ctx.Err() != nil || err != nil && s.size == 1:
			return total, s.failure(err)
		case err != nil:
			s.size = max(1, s.size/2)
		case took > batchTime:
			s.size = max(s.size/2, min(s.size, firstBatch)) // much of the time may be that of a busy store, whatever the size
		case n == s.size:
			s.size = min(maxBatch, s.size+s.size/4+1)
		}
		if err == nil && n == 0 {
			return total, nil
		}
		pause(ctx, time.Since(start))
	}
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

func (s *Sweeper) failure(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("remove %s, %d rows at a time: %w", s.Name, s.size, err)
}

// indexBatch is how many posts a batch has. They may be long.
const indexBatch = 10

// IndexPosts makes searchable whatever is not yet, and returns how many posts that were. It ends with ctx, and goes on the next time.
func IndexPosts(ctx context.Context, store Store) (total int, err error) {
	for {
		n, err := store.Posts().Index(ctx, indexBatch)
		total += n
		if err != nil {
			return total, fmt.Errorf("index posts: %w", err)
		}
		if n == 0 {
			return total, nil
		}
	}
}
