package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"example.com/postern/adapters/sqlite/internal/litedb"
	"example.com/postern/domain"
)

var (
	errQueueTimeout = unavailable("too many writes are waiting")
	errTxTimeout    = unavailable("the transaction took too long and was rolled back")
)

// writer owns the only connection that writes. Its goroutine collects waiting requests into a group: one transaction with
// a savepoint for each request. The caller's goroutine runs the request while the writer waits. So a panic or
// runtime.Goexit in a request does not affect the writer.
type writer struct {
	limits     limits
	checkFile  func() error // returns an error if the file was replaced
	committed  func(int)    // see [Options.Committed]
	conn       *sql.Conn
	statements *statements     // of conn
	queries    *litedb.Queries // run by statements
	queue      chan *request
	stop       chan struct{} // closed to end the goroutine
	stopped    chan struct{} // closed when the goroutine has ended
}

// The statements of the writer.
const (
	begin      = "BEGIN IMMEDIATE"
	savepoint  = "SAVEPOINT request"
	rollbackTo = "ROLLBACK TO request"
	release    = "RELEASE request"
	commit     = "COMMIT"
	rollback   = "ROLLBACK"
)

func newWriter(ctx context.Context, db *sql.DB, l limits, checkFile func() error, committed func(int)) (*writer, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	prepared := &statements{DBTX: conn}
	w := &writer{
		limits: l, checkFile: checkFile, committed: committed, conn: conn, statements: prepared, queries: litedb.New(prepared),
		queue: make(chan *request, l.queueSize), stop: make(chan struct{}), stopped: make(chan struct{}),
	}
	go w.loop()
	return w, nil
}

// close waits for the group that is being written.
func (w *writer) close() error {
	close(w.stop)
	<-w.stopped
	return errors.Join(w.statements.close(), w.conn.Close())
}

func (w *writer) loop() {
	defer close(w.stopped)
	for {
		select {
		case <-w.stop:
			return
		case r := <-w.queue:
			w.commitGroup(r)
		}
	}
}

// exec runs one of the writer's statements. It takes no context: an interrupt would roll back the whole group.
func (w *writer) exec(sql string) error {
	if _, err := w.statements.ExecContext(context.Background(), sql); err != nil {
		return fmt.Errorf("%w: %s: %w", domain.ErrStoreUnavailable, sql, err)
	}
	return nil
}

// commitGroup runs the first request and those that wait behind it, commits them together, and sends their results.
func (w *writer) commitGroup(first *request) {
	if !first.claim() {
		return
	}
	if err := w.checkFile(); err != nil {
		first.started <- start{err: err}
		return
	}
	if err := w.exec(begin); err != nil {
		first.started <- start{err: err}
		return
	}
	requests, changes, err := w.runGroup(first)
	if err == nil {
		err = w.index(changes)
	}
	if err == nil {
		err = w.exec(commit)
	}
	if err != nil {
		// This fails if SQLite has already rolled back.
		_ = w.exec(rollback)
	} else {
		w.committed(len(requests))
	}
	for _, r := range requests {
		r.result <- err
	}
}

// runGroup runs requests until none waits or the group is full. It returns the requests to commit, and their changes of
// the index. After an error the whole transaction must be rolled back.
func (w *writer) runGroup(first *request) (requests []*request, changes []indexChange, err error) {
	deadline := time.Now().Add(w.limits.groupTime)
	text := 0 // bytes to index
	for r := first; r != nil; r = w.next() {
		changed, ok, err := w.run(r)
		if ok {
			requests, changes = append(requests, r), append(changes, changed...)
		}
		if err != nil {
			return requests, nil, err
		}
		for _, c := range changed {
			text += len(c.words)
		}
		if len(requests) >= w.limits.groupSize || text >= maxIndexedAtOnce || time.Now().After(deadline) {
			break
		}
	}
	return requests, changes, nil
}

// index changes the index for a whole group, because SQLite flushes the index at every savepoint. If that fails, it keeps
// the group's other writes, and leaves the posts to Index. After an error the whole transaction must be rolled back.
func (w *writer) index(changes []indexChange) error {
	if len(changes) == 0 {
		return nil
	}
	if err := w.exec(savepoint); err != nil {
		return err
	}
	ctx := context.Background()
	if changeIndex(ctx, w.queries, changes) == nil {
		return w.exec(release)
	}
	if err := w.exec(rollbackTo); err != nil {
		return err
	}
	for _, c := range changes {
		if err := w.queries.LeaveUnindexed(ctx, c.post); err != nil {
			return fmt.Errorf("%w: %w", domain.ErrStoreUnavailable, err)
		}
	}
	return w.exec(release)
}

// next claims the next waiting request, or returns nil.
func (w *writer) next() *request {
	for {
		select {
		case r := <-w.queue:
			if r.claim() {
				return r
			}
		default:
			return nil
		}
	}
}

// run runs a request in its savepoint. It returns its changes of the index, and whether to commit it. After an error the
// whole transaction must be rolled back.
func (w *writer) run(r *request) (changes []indexChange, ok bool, err error) {
	if err := w.exec(savepoint); err != nil {
		r.started <- start{err: err}
		return nil, false, err
	}
	t := &tx{queries: w.queries}
	r.started <- start{tx: t}
	if w.await(r, t) {
		return t.changes, true, w.exec(release)
	}
	if err := w.exec(rollbackTo); err != nil {
		return nil, false, err
	}
	return nil, false, w.exec(release)
}

// await waits at most for txTimeout while the caller uses the connection, and reports whether to commit its request.
func (w *writer) await(r *request, t *tx) bool {
	timer := time.NewTimer(w.limits.txTimeout)
	defer timer.Stop()
	select {
	case ok := <-r.finished:
		return ok
	case <-timer.C:
		if t.abort(errTxTimeout) {
			return false
		}
		return <-r.finished
	}
}
