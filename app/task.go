package main

import (
	"context"
	"log/slog"
	"time"
)

// task is something that a service does again and again beside answering requests.
type task struct {
	name  string               // for the log: reads on from "cannot"
	every func() time.Duration // from the beginning of one run to that of the next, which never overlap
	limit time.Duration        // how long a run may take
	run   func(ctx context.Context) error
}

// repeat runs the task until ctx ends. Of failures that follow each other the first is logged, and that they are over.
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
		timer.Reset(t.every()) // before the run, so that how long that takes does not matter
		err := t.runOnce(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil && !failing:
			log.Warn("cannot "+t.name+" at the moment; more of such failures are not logged until it works again", slog.Any("error", err))
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
