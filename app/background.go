package main

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"example.com/postern/domain"
)

const (
	// pollInterval keeps what is known of ended sessions younger than the second that DESIGN promises. A poll bounds itself; the
	// limit leaves it the time to read everything anew, which it rarely must.
	pollInterval = 250 * time.Millisecond
	pollLimit    = 35 * time.Second

	sweepInterval = time.Minute
	sweepLimit    = 20 * time.Second

	// A run of indexing goes on while there is something left, and the next begins at once if it had to stop before.
	indexInterval = time.Second
	indexLimit    = 20 * time.Second
)

// background returns what the service does beside answering requests.
func (s *service) background() []task {
	tasks := []task{
		{"follow the sessions that end on other instances", always(pollInterval), pollLimit, s.ended.Poll},
		{"make posts searchable", jittered(indexInterval), indexLimit, s.index},
	}
	// Each is a task of its own, so that none hides the failure of another or takes its time.
	for _, sweeper := range domain.Sweepers(s.store, systemClock{}) {
		// A run that ran out of time is no failure as long as it got anywhere: the next one goes on.
		tasks = append(tasks, task{"remove " + sweeper.Name, jittered(sweepInterval), sweepLimit, func(ctx context.Context) error {
			return unlessLate(sweeper.Sweep(ctx))
		}})
	}
	return tasks
}

// index makes searchable what is not yet. As with a sweep, the next run goes on.
func (s *service) index(ctx context.Context) error {
	return unlessLate(domain.IndexPosts(ctx, s.store))
}

func unlessLate(done int, err error) error {
	if done > 0 && errors.Is(err, context.DeadlineExceeded) {
		return nil
	}
	return err
}

func always(interval time.Duration) func() time.Duration {
	return func() time.Duration { return interval }
}

// jittered keeps instances that started together from working at the same moment.
func jittered(interval time.Duration) func() time.Duration {
	return func() time.Duration { return interval*3/4 + rand.N(interval/2) }
}
