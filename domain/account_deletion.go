package domain

import (
	"context"
	"fmt"
	"time"
)

func (s *authService) DeleteAccount(ctx context.Context, caller Caller) error {
	if err := s.requireRecentPassword(ctx, caller); err != nil {
		return err
	}
	_, err := s.sessions.end(ctx, caller.UserID, func(tx Repositories, now time.Time) ([]SessionID, error) {
		// First the account: a login that is just opening a session has to fail, or be seen by what ends all of them.
		if err := tx.Users().Delete(ctx, caller.UserID, now); err != nil {
			return nil, fmt.Errorf("delete an account: %w", err)
		}
		return tx.Sessions().EndAll(ctx, caller.UserID, "", now)
	})
	if err != nil {
		return ofCaller(err)
	}
	s.Events.Record(ctx, SecurityEvent{Name: EventAccountDeleted, UserID: caller.UserID, SessionID: caller.SessionID})
	return nil
}

// requireRecentPassword returns [ErrReauthentication] unless the caller's session began within [ReauthenticationAge].
func (s *authService) requireRecentPassword(ctx context.Context, caller Caller) error {
	session, err := s.Store.Sessions().ByID(ctx, caller.SessionID)
	if err != nil {
		return ofCaller(err)
	}
	now, err := s.Store.Now(ctx)
	if err != nil {
		return fmt.Errorf("tell how old a session is: %w", err)
	}
	if now.Sub(session.CreatedAt) > ReauthenticationAge {
		return ErrReauthentication
	}
	return nil
}
