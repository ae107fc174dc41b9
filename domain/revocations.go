package domain

import (
	"context"
	"errors"
	"fmt"

	"example.com/postern/domain/revocation"
)

// NewRevocations returns the list of the sessions that have ended on the store. A process has one, which is loaded before the
// first request and polled every 250 ms.
func NewRevocations(store Store, clock Clock) *revocation.List {
	return revocation.NewList(revocationStore{store}, clock, revocationAge)
}

// revocationStore adapts a Store to what a [revocation.List] reads.
type revocationStore struct{ Store }

func (s revocationStore) Epoch(ctx context.Context) (revocation.Epoch, error) {
	epoch, err := s.Store.Epoch(ctx)
	return revocation.Epoch(epoch), err
}

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
