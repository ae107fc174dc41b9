package domain

import (
	"context"
	"fmt"
	"time"
)

func (s *authService) DeleteAccount(ctx context.Context, caller Caller) error {
	_, err := s.sessions.end(ctx, caller.UserID, func(tx Repositories, now time.Time) ([]SessionID, error) {
		session, err := ownSession(ctx, tx, caller, now)
		if err != nil {
			return nil, err
		}
		if now.Sub(session.CreatedAt).Abs() > ReauthenticationAge { // the store's clock may have been set back
			return nil, ErrReauthentication
		}
		// First the account: a login that is just opening a session has to fail, or be seen by what ends all of them.
		if err := tx.Users().Delete(ctx, caller.UserID, now); err != nil {
			return nil, fmt.Errorf("delete an account: %w", err)
		}
		return tx.Sessions().EndAll(ctx, caller.UserID, "", now)
	})
	if err != nil {
		return badCaller(err)
	}
	s.Events.Record(ctx, SecurityEvent{Name: EventAccountDeleted, UserID: caller.UserID, SessionID: caller.SessionID})
	return nil
}
