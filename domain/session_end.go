package domain

import (
	"context"
	"errors"
	"fmt"
	"time"

	"example.com/postern/domain/revocation"
)

// sessionEnder ends sessions everywhere: in the store, on this instance at once, and in the security log.
type sessionEnder struct {
	store       Store
	clock       Clock
	revocations *revocation.List
	events      SecurityLog
}

// maxLateness is how long after its time an end may be committed: the store undoes a transaction that is idle for longer than a
// few seconds, and the overlap of polls leaves room for a slow commit (see [revocation]).
const maxLateness = 30 * time.Second

// errLate says that a transaction took so long that its time is of no use any more.
var errLate = fmt.Errorf("%w: the transaction took too long", ErrStoreUnavailable)

// inTxAtStoreTime runs fn in a transaction, with the store's time. Other instances look for ends by their time, so one that is
// committed much later could be missed: if the process was frozen meanwhile, fn runs again at a later time.
func inTxAtStoreTime(ctx context.Context, store Store, clock Clock, fn func(tx Repositories, now time.Time) error) (err error) {
	for range 3 {
		wall, elapsed := clock.Now(), clock.Elapsed()
		now, err := store.Now(ctx)
		if err != nil {
			return err
		}
		err = store.InTx(ctx, func(tx Repositories) error {
			if err := fn(tx, now); err != nil {
				return err
			}
			if clock.Elapsed()-elapsed > maxLateness || clock.Now().Sub(wall).Abs() > maxLateness {
				return errLate
			}
			return nil
		})
		if !errors.Is(err, errLate) {
			return err
		}
	}
	return errLate
}

// end runs fn in a transaction at a time of the store, and makes known which of the user's sessions it ended.
func (e sessionEnder) end(
	ctx context.Context, user UserID, fn func(tx Repositories, now time.Time) ([]SessionID, error),
) ([]SessionID, error) {
	var ended []SessionID
	var ids []string
	err := inTxAtStoreTime(ctx, e.store, e.clock, func(tx Repositories, now time.Time) error {
		e.revocations.Undo(ids...) // of a run that was lost
		ids = nil
		var err error
		if ended, err = fn(tx, now); err != nil {
			return err
		}
		for _, id := range ended {
			ids = append(ids, string(id))
		}
		// Before the commit, so that no token of these sessions is accepted once the store has recorded their ends.
		e.revocations.Add(ids...)
		return nil
	})
	if err != nil {
		if certainlyNotDone(err) {
			e.revocations.Undo(ids...)
		}
		return nil, fmt.Errorf("end sessions: %w", err)
	}
	for _, id := range ended {
		e.events.Record(ctx, SecurityEvent{Name: EventSessionEnded, UserID: user, SessionID: id})
	}
	return ended, nil
}

// endThese ends some of the user's sessions and returns those that were there.
func (e sessionEnder) endThese(ctx context.Context, user UserID, ids ...SessionID) ([]SessionID, error) {
	return e.end(ctx, user, func(tx Repositories, now time.Time) (ended []SessionID, err error) {
		for _, id := range ids {
			there, err := tx.Sessions().End(ctx, user, id, now)
			if err != nil {
				return nil, err
			}
			if there {
				ended = append(ended, id)
			}
		}
		return ended, nil
	})
}

// endAll ends all of the user's sessions but except, which may be empty.
func (e sessionEnder) endAll(ctx context.Context, user UserID, except SessionID) error {
	_, err := e.end(ctx, user, func(tx Repositories, now time.Time) ([]SessionID, error) {
		return tx.Sessions().EndAll(ctx, user, except, now)
	})
	return err
}

// certainlyNotDone tells whether a write that failed left nothing behind (see [Store]).
func certainlyNotDone(err error) bool {
	return !errors.Is(err, ErrOutcomeUnknown) && !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded)
}
