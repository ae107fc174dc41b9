package sqlite

import (
	"context"
	"errors"
	"sync"

	"example.com/postern/adapters/sqlite/internal/litedb"
	"example.com/postern/domain"
)

var errTxEnded = errors.New("sqlite: the transaction has ended")

// tx is one request's part of a group's transaction, or a transaction of ReadTx. It implements [domain.Repositories].
type tx struct {
	queries  *litedb.Queries // of the writer; in ReadTx of a connection of its own
	readOnly bool            // in ReadTx

	mu    sync.Mutex
	err   error // the error of further statements, after one failed or the transaction ended; nil if they may run
	ended bool

	changes []indexChange
	applied int // how many of the changes are already in the index
}

func (t *tx) Idempotency() domain.IdempotencyRepository { return idempotency{t} }

// read first applies pending changes of the index, because a search in this transaction must find them. The writer
// applies all changes again at the end of the group, because an earlier request may have a pending change of the same
// post.
func (t *tx) read(ctx context.Context, fn func(context.Context, *litedb.Queries) error) error {
	return t.run(ctx, func(ctx context.Context, q *litedb.Queries) error {
		if err := changeIndex(ctx, q, t.changes[t.applied:]); err != nil {
			return err
		}
		t.applied = len(t.changes)
		return fn(ctx, q)
	})
}

func (t *tx) writeIndexed(ctx context.Context, fn func(context.Context, *litedb.Queries) ([]indexChange, error)) error {
	return t.write(ctx, func(ctx context.Context, q *litedb.Queries) error {
		changes, err := fn(ctx, q)
		if err == nil {
			t.changes = append(t.changes, changes...)
		}
		return err
	})
}

func (t *tx) write(ctx context.Context, fn func(context.Context, *litedb.Queries) error) error {
	if t.readOnly {
		return errReadOnly
	}
	return t.run(ctx, fn)
}

// run runs statements with a context that does not end, because an interrupt would roll back the whole group. After a
// failure it runs no more: SQLite may have rolled back (https://www.sqlite.org/lang_transaction.html, section 3), and would
// then commit each statement by itself.
func (t *tx) run(ctx context.Context, fn func(context.Context, *litedb.Queries) error) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.err != nil {
		return t.err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	err := fn(context.WithoutCancel(ctx), t.queries)
	if isResult(err) {
		return err
	}
	t.err = translate(ctx, err)
	return t.err
}

// end prevents further statements, and returns the error of the statement that failed, or nil.
func (t *tx) end() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	err := t.err
	t.err, t.ended = errors.Join(err, errTxEnded), true
	return err
}

// abort makes the transaction fail with err. It reports false if the transaction has ended.
func (t *tx) abort(err error) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ended {
		return false
	}
	t.err = err
	return true
}
