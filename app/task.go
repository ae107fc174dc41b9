package main

import (
	"context"
	"log/slog"
	"time"
)

// task is periodic work. Its runs never overlap.
type task struct {
	name  string               // a verb and its object, such as "remove old keys"
	every func() time.Duration // returns the time from the start of a run to the start of the next one
	limit time.Duration        // how long a run may take
	run   func(ctx context.Context) error
}

// repeat runs the task until ctx ends. It logs the first failure in a row, and the success that ends the row.
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
