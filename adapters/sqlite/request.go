package sqlite

import (
	"context"
	"sync/atomic"
	"time"
)

// request is a write in the writer's queue. Its caller runs it, when the writer hands over the connection.
type request struct {
	claimed  atomic.Bool // by the writer, to start it, or by the caller, to withdraw it
	started  chan start  // from the writer: the caller may use the connection, or the request was rejected
	finished chan bool   // to the writer: the caller is done; true to commit
	result   chan error  // from the writer: the result of the commit
}

// start is a transaction, or the reason why the writer rejected the request.
type start struct {
	tx  *tx
	err error
}

func newRequest() *request {
	return &request{started: make(chan start, 1), finished: make(chan bool, 1), result: make(chan error, 1)}
}

// claim reports whether nobody has claimed the request before. The writer claims a request to start it, and the caller
// to withdraw it, so a withdrawn request never runs.
func (r *request) claim() bool { return r.claimed.CompareAndSwap(false, true) }

// do runs fn in the caller's goroutine when it is the caller's turn, and returns after the commit. It returns an error of
// fn unchanged and passes on a panic. The end of ctx withdraws a request that waits for its turn. Later it changes nothing:
// the wait for the commit is short, because txTimeout bounds the other requests of the group.
func (w *writer) do(ctx context.Context, fn func(*tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	r := newRequest()
	t, err := w.enqueue(ctx, r)
	if err != nil {
		return err
	}
	if err := r.run(t, fn); err != nil {
		return err
	}
	return <-r.result
}

// enqueue waits until the writer starts the request. If it returns an error, the request will not run.
func (w *writer) enqueue(ctx context.Context, r *request) (*tx, error) {
	timer := time.NewTimer(w.limits.queueTimeout)
	defer timer.Stop()
	var err error
	for queue := w.queue; err == nil; {
		select {
		case queue <- r:
			queue = nil // do not send it again
		case start := <-r.started:
			return start.tx, start.err
		case <-ctx.Done():
			err = ctx.Err()
		case <-timer.C:
			err = errQueueTimeout
		case <-w.stopped:
			err = errClosed
		}
	}
	if r.claim() {
		return nil, err
	}
	start := <-r.started
	return start.tx, start.err
}

// run runs fn, and returns the connection to the writer even if fn panics.
func (r *request) run(t *tx, fn func(*tx) error) (err error) {
	returned := false
	defer func() {
		failure := t.end()
		if err == nil {
			err = failure
		}
		r.finished <- returned && err == nil
	}()
	err = fn(t)
	returned = true
	return err
}
