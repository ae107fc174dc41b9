package main

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"time"

	"example.com/postern/domain"
)

const (
	// An instance learns within a second that a session has ended on another one. A poll usually takes milliseconds. The
	// limit leaves time to read the whole table.
	pollInterval = 250 * time.Millisecond
	pollLimit    = 35 * time.Second

	sweepInterval = time.Minute
	sweepLimit    = 20 * time.Second

	indexInterval = time.Second
	indexLimit    = 20 * time.Second

	// A mail is sent about a second after it was added to the outbox. The limit only ends the waiting for a free worker.
	mailInterval = time.Second
	mailLimit    = 20 * time.Second

	backlogInterval = 10 * time.Second
	backlogLimit    = 5 * time.Second
	maxBacklog      = 10_000 // posts that are counted
)

// tasks returns the background work of the service.
func (s *service) tasks() []task {
	tasks := []task{
		{"follow the sessions that end on other instances", fixed(pollInterval), pollLimit, s.ended.Poll},
		{"make posts searchable", jittered(indexInterval), indexLimit, s.index},
	}
	// Each sweeper is a task of its own, so that it neither delays the others nor hides their failures.
	for _, sweeper := range domain.Sweepers(s.store, systemClock{}) {
		tasks = append(tasks, task{"remove " + sweeper.Name, jittered(sweepInterval), sweepLimit, func(ctx context.Context) error {
			return unlessProgress(sweeper.Sweep(ctx))
		}})
	}
	return append(tasks,
		task{"count the posts that are not searchable yet", jittered(backlogInterval), backlogLimit, s.countBacklog},
		task{"count the mails that wait", jittered(backlogInterval), backlogLimit, s.mailBacklog.Sample})
}

// sending returns the task that sends mails. It ends at once when the service begins to drain. s.mail.Wait then waits for
// the mails in flight, so that no mail is sent twice.
func (s *service) sending() task {
	return task{"send the mails of the outbox", jittered(mailInterval), mailLimit, s.mail.Poll}
}

// countBacklog counts the posts that are not searchable yet. A scrape of the metrics reads this number and not the store.
func (s *service) countBacklog(ctx context.Context) error {
	n, err := s.store.SearchBacklog(ctx, maxBacklog)
	if err == nil {
		s.searchBacklog.Store(int64(n))
	}
	return err
}

// index makes new posts searchable.
func (s *service) index(ctx context.Context) error {
	return unlessProgress(domain.IndexPosts(ctx, s.store))
}

// unlessProgress returns nil if a run reached its time limit after it had processed something: the next run continues.
func unlessProgress(done int, err error) error {
	if done > 0 && errors.Is(err, context.DeadlineExceeded) {
		return nil
	}
	return err
}

func fixed(interval time.Duration) func() time.Duration {
	return func() time.Duration { return interval }
}

// jittered varies the interval by a quarter, so that instances that started together do not work at the same moments.
func jittered(interval time.Duration) func() time.Duration {
	return func() time.Duration { return interval*3/4 + rand.N(interval/2) }
}

// task is periodic work. Its runs never overlap.
type task struct {
	name  string               // a verb and its object, such as "remove old keys"
	every func() time.Duration // returns the time from the start of a run to the start of the next one
	limit time.Duration        // how long a run may take
	run   func(ctx context.Context) error
}

// repeat runs the task until ctx ends. It logs the first of several failures, and the success that follows them.
func (t task) repeat(ctx context.Context, log *slog.Logger) {
	timer := time.NewTimer(t.every())
	defer timer.Stop()
	failing := false
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		timer.Reset(t.every()) // before the run: the interval includes the run
		err := t.runOnce(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil && !failing:
			log.Warn("cannot "+t.name+" at the moment; further failures are not logged until it works again", slog.Any("error", err))
		case err == nil && failing:
			log.Info("can " + t.name + " again")
		}
		failing = err != nil
	}
}

func (t task) runOnce(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, t.limit)
	defer cancel()
	return t.run(ctx)
}
