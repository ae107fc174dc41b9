// Package sqlite implements [domain.Store] on one SQLite file.
//
// One connection writes and several read. Readers never wait for the writer (WAL). Writes that wait at the same time
// share one commit. Each has its own savepoint, so that a failed write does not affect the others. No write is
// acknowledged before the commit succeeds.
//
// Files whose code is the same in both stores are copied from package postgres by make generate. writes.go and the files
// named *_write.go have the code that differs.
package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"example.com/postern/adapters/sqlite/internal/litedb"
	"example.com/postern/domain"
)

// Store is a [domain.Store] in one file. Writes run one at a time. A write waits for its turn for at most 10 seconds, and
// a transaction that takes more than 5 seconds is rolled back. Both then return [domain.ErrStoreUnavailable], as do all
// calls after Close.
//
// The function of a transaction may read from the Store, which does not see the transaction's changes. It must not write
// to the Store: the write would wait for the transaction to end.
type Store struct {
	path   string
	file   fs.FileInfo // of path, when it was opened
	limits limits

	writer  *writer
	writeDB *sql.DB
	readDB  *sql.DB
	watchDB *sql.DB         // one connection: see Monitor
	longDB  *sql.DB         // keeps no idle connection: see ReadTx
	reads   *statements     // of readDB
	queries *litedb.Queries // run by reads
	slots   chan struct{}   // a semaphore for the reading connections
	closed  chan struct{}
}

// access runs generated queries. On a Store each call stands alone; in a transaction all calls run on its connection.
// Its methods return an error of fn as translate translates it.
type access interface {
	read(ctx context.Context, fn func(ctx context.Context, q *litedb.Queries) error) error
	write(ctx context.Context, fn func(ctx context.Context, q *litedb.Queries) error) error
	// writeIndexed is a write that also changes the index. The writer changes the index before the commit: see
	// [writer.index].
	writeIndexed(ctx context.Context, fn func(ctx context.Context, q *litedb.Queries) ([]indexChange, error)) error
}

// fetch runs a short query that reads, and returns its result. The end of ctx does not cancel the query: a context without
// a Done channel makes a query a third cheaper.
func fetch[P, R any](
	ctx context.Context, a access, query func(*litedb.Queries, context.Context, P) (R, error), params P,
) (result R, err error) {
	err = a.read(ctx, func(ctx context.Context, q *litedb.Queries) (err error) {
		result, err = query(q, context.WithoutCancel(ctx), params)
		return err
	})
	return result, err
}

// Idempotency implements [domain.Repositories].
func (s *Store) Idempotency() domain.IdempotencyRepository { return idempotency{s} }

// Now returns the time of this machine's clock, which all processes that share the file have in common.
func (s *Store) Now(ctx context.Context) (time.Time, error) {
	select {
	case <-s.closed:
		return time.Time{}, errClosed
	default:
		return time.Now().UTC().Truncate(time.Microsecond), ctx.Err()
	}
}

// InTx implements [domain.Store]. It runs fn once, in the caller's goroutine.
func (s *Store) InTx(ctx context.Context, fn func(tx domain.Repositories) error) error {
	return s.writer.do(ctx, func(t *tx) error {
		if err := fn(t); err != nil {
			return err
		}
		return ctx.Err()
	})
}

// write runs to its end once it has begun, even if ctx ends: its caller learns the outcome.
func (s *Store) write(ctx context.Context, fn func(context.Context, *litedb.Queries) error) error {
	return s.writer.do(ctx, func(t *tx) error { return t.write(context.WithoutCancel(ctx), fn) })
}

func (s *Store) writeIndexed(ctx context.Context, fn func(context.Context, *litedb.Queries) ([]indexChange, error)) error {
	return s.writer.do(ctx, func(t *tx) error { return t.writeIndexed(context.WithoutCancel(ctx), fn) })
}

func (s *Store) read(ctx context.Context, fn func(context.Context, *litedb.Queries) error) error {
	if err := s.takeSlot(ctx); err != nil {
		return err
	}
	defer func() { <-s.slots }()
	return translate(ctx, fn(ctx, s.queries))
}

func (m monitor) read(ctx context.Context, fn func(context.Context, *litedb.Queries) error) error {
	select {
	case <-m.closed:
		return errClosed
	default:
		return translate(ctx, fn(ctx, litedb.New(m.watchDB)))
	}
}

// takeSlot waits for a free reading connection, at most for queueTimeout. database/sql would wait with fetch's context,
// which does not end.
func (s *Store) takeSlot(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case s.slots <- struct{}{}:
		return nil
	default:
	}
	timer := time.NewTimer(s.limits.queueTimeout)
	defer timer.Stop()
	select {
	case s.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return unavailable("no reading connection is free")
	case <-s.closed:
		return errClosed
	}
}

// Ping returns nil if the store can serve: the database answers, its file is still the one that was opened, and its schema
// is new enough. The error is [domain.ErrStoreUnavailable], wrapped, or the context's.
func (s *Store) Ping(ctx context.Context) error {
	if err := s.checkFile(); err != nil {
		return err
	}
	select {
	case <-s.closed:
		return errClosed
	default:
	}
	version, err := schemaVersion(ctx, s.watchDB)
	if err != nil && ctx.Err() != nil {
		return ctx.Err()
	} else if err != nil {
		return fmt.Errorf("%w: %w", domain.ErrStoreUnavailable, err)
	}
	if version < latestVersion {
		return unavailable("the schema is older than this program needs")
	}
	return nil
}

// checkFile returns an error if the path no longer refers to the file that was opened. SQLite continues to use a file that
// was deleted or replaced, and would acknowledge writes that are lost.
func (s *Store) checkFile() error {
	file, err := os.Stat(s.path)
	if err != nil {
		return fmt.Errorf("%w: %w", domain.ErrStoreUnavailable, safe(err))
	}
	if !os.SameFile(file, s.file) {
		return unavailable("the database file was replaced")
	}
	return nil
}

// Connections returns how many of the reading connections are in use, and how many are idle. There is one more for writes, one
// for [Store.Ping] and [Store.Monitor], and one for each running [Store.ReadTx].
func (s *Store) Connections() (used, idle int) {
	used = len(s.slots)
	return used, cap(s.slots) - used
}

// Close rejects new and waiting calls, waits for running ones, and closes the file. It must be called once.
func (s *Store) Close() (err error) {
	close(s.closed)
	if s.writer != nil {
		err = s.writer.close()
	}
	for range cap(s.slots) {
		s.slots <- struct{}{}
	}
	if s.reads != nil {
		err = errors.Join(err, s.reads.close())
	}
	for _, db := range []*sql.DB{s.longDB, s.readDB, s.watchDB, s.writeDB} {
		if db != nil { // it is nil if Open failed
			err = errors.Join(err, db.Close())
		}
	}
	return err
}
