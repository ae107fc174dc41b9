package domaintest

import (
	"context"
	"errors"
	"sync"

	"example.com/postern/domain"
)

var (
	errTxEnded  = errors.New("domaintest: the transaction has ended")
	errReadOnly = errors.New("domaintest: the transaction only reads")
)

// tx is a transaction on a copy of the tables. It implements [domain.Repositories].
type tx struct {
	readOnly bool

	mu     sync.Mutex
	tables tables
	ended  bool
}

func (t *tx) Users() domain.UserRepository       { return users{t} }
func (t *tx) Posts() domain.PostRepository       { return posts{t} }
func (t *tx) Sessions() domain.SessionRepository { return sessions{t} }
func (t *tx) Outbox() domain.OutboxRepository    { return outbox{t} }

func (t *tx) Idempotency() domain.IdempotencyRepository { return idempotency{t} }

func (t *tx) Actions() domain.ActionRepository { return actions{t} }

func (t *tx) EmailTokens() domain.EmailTokenRepository { return emailTokens{t} }

func (t *tx) write(ctx context.Context, fn func(*tables) error) error {
	if t.readOnly {
		return errReadOnly
	}
	return t.read(ctx, fn)
}

func (t *tx) read(ctx context.Context, fn func(*tables) error) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ended {
		return errTxEnded
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return fn(&t.tables)
}

// end ends the transaction and returns its tables.
func (t *tx) end() tables {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ended = true
	return t.tables
}
