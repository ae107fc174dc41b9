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
}

func (t *tx) Users() domain.UserRepository              { return users{t} }
func (t *tx) Posts() domain.PostRepository              { return posts{t} }
func (t *tx) Sessions() domain.SessionRepository        { return sessions{t} }
func (t *tx) Idempotency() domain.IdempotencyRepository { return idempotency{t} }

func (t *tx) read(ctx context.Context, fn func(context.Context, *litedb.Queries) error) error {
	return t.write(ctx, fn)
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
	verdict := isVerdict(err)
	err = translate(ctx, err)
	if !verdict {
		t.over = err
	}
	return err
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
