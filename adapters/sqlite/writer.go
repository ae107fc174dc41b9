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
	errQueueWait = unavailable("too many writes are waiting")
	errHeldLong  = unavailable("the transaction took too long and was undone")
)

// writer owns the only connection that writes. Its goroutine collects waiting jobs into a group: one transaction with a
// savepoint for each job. During its turn, the job's own goroutine uses the connection and the writer waits. So a panic
// or runtime.Goexit in a job does not affect the writer.
type writer struct {
	limits  limits
	check   func() error // returns an error if the file was replaced
	conn    *sql.Conn
	queries *litedb.Queries
	stmts   map[string]*sql.Stmt
	queue   chan *job
	stop    chan struct{} // closed to end the goroutine
	stopped chan struct{} // closed when the goroutine has ended
}

// The statements of the writer.
const (
	begin      = "BEGIN IMMEDIATE"
	savepoint  = "SAVEPOINT job"
	rollbackTo = "ROLLBACK TO job"
	release    = "RELEASE job"
	commit     = "COMMIT"
	rollback   = "ROLLBACK"
)

func newWriter(ctx context.Context, db *sql.DB, l limits, check func() error) (*writer, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	w := &writer{
		limits: l, check: check, conn: conn, stmts: map[string]*sql.Stmt{},
		queue: make(chan *job, l.queue), stop: make(chan struct{}), stopped: make(chan struct{}),
	}
	if w.queries, err = litedb.Prepare(ctx, conn); err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	for _, sql := range []string{begin, savepoint, rollbackTo, release, commit, rollback} {
		if w.stmts[sql], err = conn.PrepareContext(ctx, sql); err != nil {
			return nil, errors.Join(err, conn.Close())
		}
	}
	go w.loop()
	return w, nil
}

// close waits for the group that is being written.
func (w *writer) close() error {
	close(w.stop)
	<-w.stopped
	err := w.queries.Close()
	for _, stmt := range w.stmts {
		err = errors.Join(err, stmt.Close())
	}
	return errors.Join(err, w.conn.Close())
}

func (w *writer) loop() {
	defer close(w.stopped)
	for {
		select {
		case <-w.stop:
			return
		case j := <-w.queue:
			w.commitGroup(j)
		}
	}
}

// exec runs one of the writer's statements. It takes no context: an interrupt would roll back the whole group.
func (w *writer) exec(sql string) error {
	if _, err := w.stmts[sql].ExecContext(context.Background()); err != nil {
		return fmt.Errorf("%w: %s: %w", domain.ErrStoreUnavailable, sql, err)
	}
	return nil
}

// commitGroup runs a job and those that wait behind it, commits them together, and answers them.
func (w *writer) commitGroup(first *job) {
	if !first.take() {
		return
	}
	if err := w.check(); err != nil {
		first.refuse(err)
		return
	}
	if err := w.exec(begin); err != nil {
		first.refuse(err)
		return
	}
	kept, words, err := w.fillGroup(first)
	if err == nil {
		err = w.index(words)
	}
	if err == nil {
		err = w.exec(commit)
	}
	if err != nil {
		// This fails if SQLite has already rolled back.
		_ = w.exec(rollback)
	}
	for _, j := range kept {
		j.answer <- err
	}
}

// fillGroup runs jobs until none waits or the group is full. It returns those to commit, and the words that they
// change. An error means that the whole transaction is lost.
func (w *writer) fillGroup(first *job) (kept []*job, words []wordsChange, err error) {
	full := time.Now().Add(w.limits.groupTime)
	text := 0 // octets of the words to write
	for j := first; j != nil; j = w.next() {
		changed, keep, err := w.turn(j)
		if keep {
			kept, words = append(kept, j), append(words, changed...)
		}
		if err != nil {
			return kept, nil, err
		}
		for _, c := range changed {
			text += len(c.words)
		}
		if len(kept) >= w.limits.group || text >= maxTextAtOnce || time.Now().After(full) {
			break
		}
	}
	return kept, words, nil
}

// index writes the words of a group together, because SQLite flushes the index at every savepoint. If that fails, the
// group's other writes stay, and Index indexes the posts later. An error means that the whole transaction is lost.
func (w *writer) index(words []wordsChange) error {
	if len(words) == 0 {
		return nil
	}
	if err := w.exec(savepoint); err != nil {
		return err
	}
	ctx := context.Background()
	if writeWords(ctx, w.queries, words) == nil {
		return w.exec(release)
	}
	if err := w.exec(rollbackTo); err != nil {
		return err
	}
	for _, c := range words {
		if err := w.queries.LeaveUnindexed(ctx, c.post); err != nil {
			return fmt.Errorf("%w: %w", domain.ErrStoreUnavailable, err)
		}
	}
	return w.exec(release)
}

// next claims the next waiting job, or returns nil.
func (w *writer) next() *job {
	for {
		select {
		case j := <-w.queue:
			if j.take() {
				return j
			}
		default:
			return nil
		}
	}
}

// turn runs one job in its savepoint. It returns the words that the job changes, and whether to commit it. An error
// means that the whole transaction is lost.
func (w *writer) turn(j *job) (words []wordsChange, keep bool, err error) {
	if err := w.exec(savepoint); err != nil {
		j.refuse(err)
		return nil, false, err
	}
	t := &tx{queries: w.queries}
	j.turn <- t
	if w.await(j, t) {
		return t.words, true, w.exec(release)
	}
	if err := w.exec(rollbackTo); err != nil {
		return nil, false, err
	}
	return nil, false, w.exec(release)
}

// await waits, for a bounded time, while the job's goroutine uses the connection, and reports whether to commit the job.
func (w *writer) await(j *job, t *tx) bool {
	timer := time.NewTimer(w.limits.hold)
	defer timer.Stop()
	select {
	case keep := <-j.ran:
		return keep
	case <-timer.C:
		if t.revoke(errHeldLong) {
			return false
		}
		return <-j.ran
	}
}
