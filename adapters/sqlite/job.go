package sqlite

import (
	"context"
	"sync/atomic"
	"time"
)

// job is one write, from when it is queued until it is answered.
type job struct {
	claimed atomic.Bool // by the writer, which runs it, or by its caller, who gives up
	turn    chan *tx    // from the writer: the connection is yours; closed if it never will be
	ran     chan bool   // to the writer: the connection is yours again; keep what was done, or not
	answer  chan error  // from the writer: it is committed, or it is lost
}

func newJob() *job {
	return &job{turn: make(chan *tx, 1), ran: make(chan bool, 1), answer: make(chan error, 1)}
}

// take claims the job and tells whether it was still free. Both sides do it, so that a caller who gives up knows for certain
// that the job will not run.
func (j *job) take() bool { return j.claimed.CompareAndSwap(false, true) }

// refuse answers a job that was taken and cannot run.
func (j *job) refuse(err error) {
	j.answer <- err
	close(j.turn)
}

// do runs fn in its turn, in the caller's goroutine, and returns when it is committed. fn's own error comes back as it is,
// and a panic goes on.
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
	case err := <-j.answer: // known after all
		return err
	default:
		return ctx.Err()
	}
}

// enqueue waits for the job's turn. If it returns an error the job will not run; if it returns neither, the answer is there.
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

// run gives the connection to fn and tells the writer when fn has ended, however it does.
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
