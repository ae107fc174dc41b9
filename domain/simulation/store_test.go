package simulation_test

import (
	"context"
	"fmt"
	"time"

	"example.com/postern/domain"
	"example.com/postern/domain/domaintest"
	"example.com/postern/domain/throttle"
)

// network is an instance's connection to the store. Each call parks. It may fail, and its answer may be lost.
type network struct {
	domain.Store
	w  *simulation
	on *instance
}

var errCut = fmt.Errorf("%w: the connection is cut", domain.ErrStoreUnavailable)

// call makes a call of a port.
func call[T any](ctx context.Context, n network, point string, do func() (T, error)) (T, error) {
	var none T
	v := n.w.park(ctx, point)
	if err := ctx.Err(); err != nil {
		return none, err
	}
	if v == refuse {
		return none, errCut
	}
	result, err := do()
	if v == loseAnswer && err == nil {
		return none, fmt.Errorf("%w: %w", errCut, domain.ErrOutcomeUnknown)
	}
	return result, err
}

// idleInTransaction is how long a transaction may be idle before the store rolls it back.
const idleInTransaction = 5 * time.Second

// InTx runs fn on a copy of the store, and runs it again if another transaction has written meanwhile.
func (n network) InTx(ctx context.Context, fn func(tx domain.Repositories) error) error {
	for range 50 {
		t, err := call(ctx, n, "begin", func() (*transaction, error) {
			tx, commit := n.w.store.Begin()
			return &transaction{tx, n, commit, time.Now(), n.w.epoch}, nil
		})
		if err != nil {
			return err
		}
		if err := fn(t); err != nil {
			return err
		}
		done, err := call(ctx, n, "commit", func() (bool, error) { return t.commit(), t.alive() })
		if done || err != nil {
			return err
		}
	}
	return errCut
}

type transaction struct {
	domain.Repositories
	of     network
	commit func() bool
	usedAt time.Time
	epoch  int
}

func (t *transaction) alive() error {
	if time.Since(t.usedAt) > idleInTransaction || t.epoch != t.of.w.epoch {
		return fmt.Errorf("%w: the transaction was rolled back", domain.ErrStoreUnavailable)
	}
	t.usedAt = time.Now()
	return nil
}

// repositories is the context of a repository: the store itself, or a transaction.
type repositories struct {
	network
	alive func() error
}

// at makes a call of a repository. It fails if the transaction has been rolled back.
func at[T any](ctx context.Context, r repositories, point string, do func() (T, error)) (T, error) {
	return call(ctx, r.network, point, func() (T, error) {
		if err := r.alive(); err != nil {
			var none T
			return none, err
		}
		return do()
	})
}

func plain(n network) repositories { return repositories{n, func() error { return nil }} }

func (n network) Now(ctx context.Context) (time.Time, error) {
	return call(ctx, n, "now", func() (time.Time, error) { return n.Store.Now(ctx) })
}

func (n network) Epoch(ctx context.Context) (domain.Epoch, error) {
	return call(ctx, n, "epoch", func() (domain.Epoch, error) { return n.Store.Epoch(ctx) })
}

func (n network) Users() domain.UserRepository       { return users{n.Store.Users(), plain(n)} }
func (n network) Sessions() domain.SessionRepository { return sessions{n.Store.Sessions(), plain(n)} }
func (n network) Posts() domain.PostRepository       { return posts{n.Store.Posts(), plain(n)} }
func (n network) Throttles() throttle.Repository {
	return throttles{n.Store.Throttles(), plain(n)}
}

func (t *transaction) in() repositories { return repositories{t.of, t.alive} }

func (t *transaction) Epoch(ctx context.Context) (domain.Epoch, error) {
	return at(ctx, t.in(), "epoch", func() (domain.Epoch, error) { return t.Repositories.Epoch(ctx) })
}

func (t *transaction) Users() domain.UserRepository { return users{t.Repositories.Users(), t.in()} }
func (t *transaction) Sessions() domain.SessionRepository {
	return sessions{t.Repositories.Sessions(), t.in()}
}
func (t *transaction) Posts() domain.PostRepository { return posts{t.Repositories.Posts(), t.in()} }

// hasher is a password hasher whose calls take time.
type hasher struct {
	domaintest.Hasher
	w *simulation
}

func (h *hasher) Hash(ctx context.Context, n domain.Network, p domain.Password) (string, error) {
	h.w.park(ctx, "hash")
	return h.Hasher.Hash(ctx, n, p)
}

func (h *hasher) Verify(ctx context.Context, n domain.Network, hash string, p domain.Password) (ok, stale bool, err error) {
	h.w.park(ctx, "verify")
	return h.Hasher.Verify(ctx, n, hash, p)
}
