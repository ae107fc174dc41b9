package postgres

import (
	"context"
	"errors"
	"sync"

	"github.com/jackc/pgx/v5"

	"example.com/postern/adapters/postgres/internal/pgdb"
	"example.com/postern/domain"
)

var errTxEnded = errors.New("postgres: the transaction has ended")

// InTx implements [domain.Store], in REPEATABLE READ. It runs fn in the caller's goroutine. After a serialization
// failure it runs fn again, for at most StatementTimeout, and after losing the connection before the commit it runs fn
// once more. If the connection is lost during the commit, the error is [domain.ErrOutcomeUnknown].
func (s *Store) InTx(ctx context.Context, fn func(tx domain.Repositories) error) error {
	return s.transaction(ctx, pgx.RepeatableRead, func(t *tx) error { return fn(t) })
}

// transaction runs fn in a transaction, and again under the same conditions as InTx.
func (s *Store) transaction(ctx context.Context, level pgx.TxIsoLevel, fn func(*tx) error) error {
	return s.withRetries(ctx, func() (decision, error) { return s.tryTransaction(ctx, level, fn) })
}

// tryTransaction runs fn once in a transaction, which ends even if fn panics.
func (s *Store) tryTransaction(ctx context.Context, level pgx.TxIsoLevel, fn func(*tx) error) (decision, error) {
	if err := s.beginWrite(ctx); err != nil {
		return done, err
	}
	defer s.endWrite()
	conn, err := s.acquire(ctx, s.pool)
	if err != nil {
		return done, err
	}
	defer conn.Release()
	t := &tx{store: s, conn: conn.Conn()}
	if err := t.begin(ctx, s.txOptions(level)); err != nil {
		return t.decision, err
	}
	defer t.rollback(ctx)
	err = fn(t)
	if failure := t.end(); failure != nil && (err == nil || t.decision != done) {
		return t.decision, failure
	}
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return done, err
	}
	return t.commit(ctx)
}

// tx is a transaction. It implements [domain.Repositories].
type tx struct {
	store    *Store
	conn     *pgx.Conn
	begun    pgx.Tx
	readOnly bool

	mu       sync.Mutex
	err      error    // the error of further statements, after one failed or the transaction ended; nil if they may run
	decision decision // on the transaction, after a statement failed
}

func (t *tx) Idempotency() domain.IdempotencyRepository {
	return idempotency{t, t.store.options.LockTimeout}
}

func (t *tx) read(ctx context.Context, fn func(context.Context, *pgdb.Queries) error) error {
	return t.run(ctx, func(ctx context.Context) error { return fn(ctx, pgdb.New(t.begun)) })
}

func (t *tx) write(ctx context.Context, fn func(context.Context, *pgdb.Queries) error) error {
	if t.readOnly {
		return errReadOnly
	}
	return t.read(ctx, fn)
}

// run runs statements one after the other. After a failure it runs no more: the server has aborted the transaction, or
// the connection is lost.
func (t *tx) run(ctx context.Context, fn func(context.Context) error) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.err != nil {
		return t.err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	bounded, cancel := context.WithTimeout(ctx, t.store.options.StatementTimeout)
	defer cancel()
	err := fn(bounded)
	t.store.awaitCancel(ctx, t.conn)
	if isResult(err) {
		return err
	}
	if t.decision, t.err = t.store.classify(ctx, t.conn, err); t.decision == unknownOutcome {
		t.decision = retryOnce // it cannot have been committed
	}
	return t.err
}

func (t *tx) begin(ctx context.Context, options pgx.TxOptions) error {
	return t.run(ctx, func(ctx context.Context) (err error) {
		t.begun, err = t.conn.BeginTx(ctx, options)
		return err
	})
}

// end prevents further statements, and returns the error of the statement that failed, or nil.
func (t *tx) end() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	err := t.err
	t.err = errTxEnded
	return err
}

func (t *tx) commit(ctx context.Context) (decision, error) {
	bounded, cancel := context.WithTimeout(ctx, t.store.options.StatementTimeout)
	defer cancel()
	err := t.begun.Commit(bounded)
	t.store.awaitCancel(ctx, t.conn)
	return t.store.classify(ctx, t.conn, err)
}

// rollback undoes what was not committed. If the server does not answer in time, pgx closes the connection, which has
// the same effect.
func (t *tx) rollback(ctx context.Context) {
	t.end()
	bounded, cancel := context.WithTimeout(ctx, t.store.options.StatementTimeout)
	defer cancel()
	_ = t.begun.Rollback(bounded)
}

func (s *Store) txOptions(level pgx.TxIsoLevel) pgx.TxOptions {
	if !s.options.Pooler {
		return pgx.TxOptions{IsoLevel: level}
	}
	// Clients of a pooler share server sessions, so the settings must end with the transaction.
	begin := "begin isolation level " + string(level) + "; set local synchronous_commit = " + synchronousCommit
	for name, value := range s.options.serverTimeouts() {
		begin += "; set local " + name + " = " + value
	}
	return pgx.TxOptions{BeginQuery: begin}
}

// reservedConns is the number of connections that are reserved for reads. Otherwise writes that wait for one lock could
// use all connections.
const reservedConns = 2

// newWriteSlots returns a semaphore for writes and transactions.
func (o Options) newWriteSlots() chan struct{} {
	return make(chan struct{}, max(1, o.MaxConns-reservedConns))
}

// beginWrite waits until a write may use a connection, for at most AcquireTimeout. The caller releases its connection
// first and then calls endWrite.
func (s *Store) beginWrite(ctx context.Context) error {
	bounded, cancel := context.WithTimeout(ctx, s.options.AcquireTimeout)
	defer cancel()
	select {
	case s.writeSlots <- struct{}{}:
		return nil
	case <-bounded.Done():
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return unavailable("too many writes are running")
}

func (s *Store) endWrite() { <-s.writeSlots }
