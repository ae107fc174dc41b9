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
	return s.rerun(ctx, func() (outcome, error) { return s.attempt(ctx, level, fn) })
}

// attempt runs fn once in a transaction, which ends even if fn panics.
func (s *Store) attempt(ctx context.Context, level pgx.TxIsoLevel, fn func(*tx) error) (outcome, error) {
	if err := s.enter(ctx); err != nil {
		return final, err
	}
	defer s.leave()
	conn, err := s.acquire(ctx, s.pool)
	if err != nil {
		return final, err
	}
	defer conn.Release()
	t := &tx{store: s, conn: conn.Conn()}
	if err := t.begin(ctx, level); err != nil {
		return t.outcome, err
	}
	defer t.rollback(ctx)
	err = fn(t)
	if o, fault := t.end(); fault != nil && (err == nil || o != final) {
		return o, fault
	}
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return final, err
	}
	return t.commit(ctx)
}

// tx is a transaction. It implements [domain.Repositories].
type tx struct {
	store *Store
	conn  *pgx.Conn
	begun pgx.Tx

	mu      sync.Mutex
	over    error   // why no more statements run, or nil
	outcome outcome // of the transaction, if over is set
}

func (t *tx) Idempotency() domain.IdempotencyRepository {
	return idempotency{t, t.store.options.LockTimeout}
}

func (t *tx) read(ctx context.Context, fn func(context.Context, *pgdb.Queries) error) error {
	return t.run(ctx, func(ctx context.Context) error { return fn(ctx, pgdb.New(t.begun)) })
}

func (t *tx) write(ctx context.Context, fn func(context.Context, *pgdb.Queries) error) error {
	return t.read(ctx, fn)
}

// run runs statements one after the other. After a failure it runs none: the server has aborted the transaction, or is
// gone.
func (t *tx) run(ctx context.Context, fn func(context.Context) error) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.over != nil {
		return t.over
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	bounded, cancel := context.WithTimeout(ctx, t.store.options.StatementTimeout)
	defer cancel()
	err := fn(bounded)
	t.store.settle(ctx, t.conn)
	if isAnswer(err) {
		return err
	}
	if t.outcome, t.over = t.store.judge(ctx, t.conn, err); t.outcome == unknown {
		t.outcome = lost // it cannot have been committed
	}
	return t.over
}

func (t *tx) begin(ctx context.Context, level pgx.TxIsoLevel) error {
	return t.run(ctx, func(ctx context.Context) (err error) {
		t.begun, err = t.conn.BeginTx(ctx, t.store.txOptions(level))
		return err
	})
}

// end prevents further statements. If a statement failed, it returns the error and the outcome.
func (t *tx) end() (outcome, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	fault := t.over
	t.over = errTxEnded
	return t.outcome, fault
}

func (t *tx) commit(ctx context.Context) (outcome, error) {
	bounded, cancel := context.WithTimeout(ctx, t.store.options.StatementTimeout)
	defer cancel()
	err := t.begun.Commit(bounded)
	t.store.settle(ctx, t.conn)
	return t.store.judge(ctx, t.conn, err)
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
	// Behind a pooler clients share sessions, so the settings must end with the transaction.
	begin := "begin isolation level " + string(level) + "; set local synchronous_commit = " + synchronousCommit
	for name, value := range s.options.serverTimeouts() {
		begin += "; set local " + name + " = " + value
	}
	return pgx.TxOptions{BeginQuery: begin}
}
