package domain

import (
	"context"
	"errors"
	"fmt"
	"time"

	"example.com/postern/domain/revocation"
)

// sessionEnder ends sessions: in the store, in this instance's list of revocations, and in the security log.
type sessionEnder struct {
	timedStore
	revocations *revocation.List
	events      SecurityLog
}

// timedStore is a store and this instance's clock.
type timedStore struct {
	store Store
	clock Clock
}

// maxLateness is how long after its recorded time an end may be committed. The store rolls back a transaction that is idle for
// more than a few seconds, and the overlap of polls leaves room for a slow commit (see [revocation]).
const maxLateness = 30 * time.Second

// errLate is returned by a transaction whose recorded time is too old.
var errLate = fmt.Errorf("%w: the transaction took too long", ErrStoreUnavailable)

// inTx runs fn in a transaction, with the store's time. Other instances look for ends by their recorded time and would
// miss one that is committed much later. So if the process was frozen meanwhile, fn runs again with a later time.
func (s timedStore) inTx(ctx context.Context, fn func(tx Repositories, now time.Time) error) error {
	for range 3 {
		wall, elapsed := s.clock.Now(), s.clock.Elapsed()
		now, err := s.store.Now(ctx)
		if err != nil {
			return err
		}
		err = s.store.InTx(ctx, func(tx Repositories) error {
			if err := fn(tx, now); err != nil {
				return err
			}
			if s.clock.Elapsed()-elapsed > maxLateness || s.clock.Now().Sub(wall).Abs() > maxLateness {
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

// end runs fn, which ends sessions of the user, in a transaction, and publishes which ones it ended.
func (e sessionEnder) end(
	ctx context.Context, user UserID, fn func(tx Repositories, now time.Time) ([]SessionID, error),
) ([]SessionID, error) {
	var ended []SessionID
	var ids []string
	err := e.inTx(ctx, func(tx Repositories, now time.Time) error {
		e.revocations.Undo(ids...) // from a run that was rolled back
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
	recordEnds(ctx, e.events, user, ended)
	return ended, nil
}

func recordEnds(ctx context.Context, events SecurityLog, user UserID, ended []SessionID) {
	for _, id := range ended {
		events.Record(ctx, SecurityEvent{Name: EventSessionEnded, UserID: user, SessionID: id})
	}
}

// endThese ends some of the user's sessions and returns those that existed.
func (e sessionEnder) endThese(ctx context.Context, user UserID, ids ...SessionID) ([]SessionID, error) {
	return e.end(ctx, user, func(tx Repositories, now time.Time) (ended []SessionID, err error) {
		for _, id := range ids {
			existed, err := tx.Sessions().End(ctx, user, id, now)
			if err != nil {
				return nil, err
			}
			if existed {
				ended = append(ended, id)
			}
		}
		return ended, nil
	})
}

// revokeAccess voids the e-mail tokens of a user, changes the account, and ends all sessions except one, which may be empty.
// It returns the sessions that it ended. The change comes before their end: a concurrent login then either fails or is seen
// by EndAll. All transactions lock the rows of an account in this order: tokens, user, sessions.
func revokeAccess(
	ctx context.Context, tx Repositories, id UserID, except SessionID, now time.Time, change func(owner User) error,
) ([]SessionID, error) {
	owner, err := tx.Users().ByID(ctx, id)
	if err != nil {
		return nil, err
	}
	if err := tx.EmailTokens().DeleteOfUser(ctx, id, owner.Email); err != nil {
		return nil, fmt.Errorf("delete the e-mail tokens of a user: %w", err)
	}
	if err := change(owner); err != nil {
		return nil, err
	}
	return tx.Sessions().EndAll(ctx, id, except, now)
}

// certainlyNotDone reports whether a failed write certainly had no effect (see [Store]).
func certainlyNotDone(err error) bool {
	return !errors.Is(err, ErrOutcomeUnknown) && !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded)
}

// NewRevocations returns the list of the sessions that have ended on the store. A process has one, which is loaded before the
// first request and polled every 250 ms.
func NewRevocations(store Store, clock Clock) *revocation.List {
	return revocation.NewList(revocationStore{store}, clock, revocationAge)
}

// revocationStore adapts a Store to what a [revocation.List] reads.
type revocationStore struct{ Store }

func (s revocationStore) EndedAfter(ctx context.Context, after revocation.Entry, limit int) ([]revocation.Entry, error) {
	ends, err := s.Sessions().EndedAfter(ctx, SessionEnd{SessionID(after.SessionID), after.EndedAt}, limit)
	entries := make([]revocation.Entry, len(ends))
	for i, end := range ends {
		entries[i] = revocation.Entry{SessionID: string(end.SessionID), EndedAt: end.EndedAt}
	}
	return entries, err
}

func (s revocationStore) HasSession(ctx context.Context, t revocation.Token) (bool, error) {
	session, err := s.Sessions().ByID(ctx, SessionID(t.SessionID))
	if errors.Is(err, ErrSessionNotFound) {
		return false, nil
	}
	return int64(session.UserID) == t.UserID, err
}

// checkRevocation returns [ErrBadToken], wrapped, if the token's session has ended or its epoch is not the store's.
func checkRevocation(ctx context.Context, list *revocation.List, c Claims) error {
	err := list.Check(ctx, revocation.Token{SessionID: string(c.SessionID), UserID: int64(c.UserID), Epoch: c.Epoch})
	if errors.Is(err, revocation.ErrSessionEnded) || errors.Is(err, revocation.ErrEpochEnded) {
		return fmt.Errorf("%w: %w", ErrBadToken, err)
	}
	return err
}
