package sqlite

import (
	"context"
	"errors"
	"sync"

	"example.com/postern/adapters/sqlite/internal/litedb"
	"example.com/postern/domain"
)

var errTxEnded = errors.New("sqlite: the transaction has ended")

// tx is one job's part of a group's transaction. It implements [domain.Repositories].
type tx struct {
	queries *litedb.Queries // prepared on the writing connection

	mu    sync.Mutex
	over  error // why no more statements are run
	ended bool

	words   []wordsChange // in the order they were made
	written int           // how many of them the transaction's own reads can see
}

func (t *tx) Idempotency() domain.IdempotencyRepository { return idempotency{t} }

// read first writes the words that a search of the transaction's own must find. They are written again at the group's end: an
// earlier job's words of the same post are written only then.
func (t *tx) read(ctx context.Context, fn func(context.Context, *litedb.Queries) error) error {
	return t.write(ctx, func(ctx context.Context, q *litedb.Queries) error {
		if err := writeWords(ctx, q, t.words[t.written:]); err != nil {
			return err
		}
		t.written = len(t.words)
		return fn(ctx, q)
	})
}

func (t *tx) writeIndexed(ctx context.Context, fn func(context.Context, *litedb.Queries) ([]wordsChange, error)) error {
	return t.write(ctx, func(ctx context.Context, q *litedb.Queries) error {
		changes, err := fn(ctx, q)
		if err == nil {
			t.words = append(t.words, changes...)
		}
		return err
	})
}

// write runs statements without their context, because an interrupt would roll back the whole group, and none after a fault,
// because SQLite may have rolled back already and would commit each of them on its own.
func (t *tx) write(ctx context.Context, fn func(context.Context, *litedb.Queries) error) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.over != nil {
		return t.over
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	err := fn(context.WithoutCancel(ctx), t.queries)
	if isAnswer(err) {
		return err
	}
	t.over = translate(ctx, err)
	return t.over
}

// end stops the transaction from running more statements. It returns why it cannot be kept, or nil.
func (t *tx) end() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	fault := t.over
	t.over, t.ended = errors.Join(fault, errTxEnded), true
	return fault
}

// revoke ends the transaction with a fault, unless it has ended, and tells whether it did.
func (t *tx) revoke(fault error) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ended {
		return false
	}
	t.over = fault
	return true
}
