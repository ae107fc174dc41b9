package sqlite

import (
	"context"
	"sync/atomic"
	"time"
)

// job is one write.
type job struct {
	claimed atomic.Bool // by the writer, to run it, or by the caller, to give up
	turn    chan *tx    // from the writer: the caller may use the connection; closed if the job was refused
	ran     chan bool   // to the writer: the caller is done; whether to keep the changes
	answer  chan error  // from the writer: the result of the commit
}

func newJob() *job {
	return &job{turn: make(chan *tx, 1), ran: make(chan bool, 1), answer: make(chan error, 1)}
}

// take claims the job and reports whether it was still free. Both sides call it, so that a caller that gives up knows
// that the job will not run.
func (j *job) take() bool { return j.claimed.CompareAndSwap(false, true) }

// refuse answers a claimed job that cannot run.
func (j *job) refuse(err error) {
	j.answer <- err
	close(j.turn)
}

// do waits for a turn, runs fn in the caller's goroutine, and returns after the commit. It returns an error of fn
// unchanged and passes on a panic.
func (w *writer) do(ctx context.Context, fn func(*tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	j := newJob()
	t, err := w.enqueue(ctx, j)
	if err != nil {
		return err
	}
	if t != nil {
		if err := j.run(ctx, t, fn); err != nil {
			return err
		}
	}
	select {
	case err := <-j.answer:
		return err
	case <-ctx.Done():
	}
	select {
	case err := <-j.answer: // it came at the same time
		return err
	default:
		return ctx.Err()
	}
}

// enqueue waits for the job's turn. After an error the job will not run. If both results are nil, the job was refused
// and has its answer.
func (w *writer) enqueue(ctx context.Context, j *job) (*tx, error) {
	timer := time.NewTimer(w.limits.wait)
	defer timer.Stop()
	var err error
	for queue := w.queue; err == nil; {
		select {
		case queue <- j:
			queue = nil // once
		case t := <-j.turn:
			return t, nil
		case <-ctx.Done():
			err = ctx.Err()
		case <-timer.C:
			err = errQueueWait
		case <-w.stopped:
			err = errClosed
		}
	}
	if j.take() {
		return nil, err
	}
	return <-j.turn, nil
}

// run runs fn, and returns the connection to the writer even if fn panics.
func (j *job) run(ctx context.Context, t *tx, fn func(*tx) error) (err error) {
	returned := false
	defer func() {
		fault := t.end()
		if err == nil {
			err = fault
		}
		if err == nil {
			err = ctx.Err()
		}
		j.ran <- returned && err == nil
	}()
	err = fn(t)
	returned = true
	return err
}
