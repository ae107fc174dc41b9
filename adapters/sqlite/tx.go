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
	over  error // why no more statements run, or nil
	ended bool

	words   []wordsChange // in order
	written int           // how many of them are already in the index
}

func (t *tx) Idempotency() domain.IdempotencyRepository { return idempotency{t} }

// read first writes pending words, because a search in this transaction must find them. At the end of the group they
// are written again, because words of the same post from an earlier job are written only then.
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

// write runs statements with a context that does not end, because an interrupt would roll back the whole group. After a
// failure it runs none: SQLite may have rolled back, and would then commit each statement by itself.
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

// end prevents further statements. It returns why the transaction cannot be committed, or nil.
func (t *tx) end() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	fault := t.over
	t.over, t.ended = errors.Join(fault, errTxEnded), true
	return fault
}

// revoke makes the transaction fail, unless it has ended, and reports whether it did.
func (t *tx) revoke(fault error) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ended {
		return false
	}
	t.over = fault
	return true
}
