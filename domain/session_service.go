package domain

import (
	"context"
	"errors"
	"fmt"

	"example.com/postern/domain/revocation"
)

type sessionService struct {
	sessionEnder
	refresh RefreshTokens
}

// NewSessionService returns a SessionService on the store.
func NewSessionService(store Store, clock Clock, refresh RefreshTokens, list *revocation.List, events SecurityLog) SessionService {
	return sessionService{sessionEnder{store, clock, list, events}, refresh}
}

func (s sessionService) List(ctx context.Context, caller Caller) ([]Session, error) {
	now, err := s.store.Now(ctx)
	if err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	return s.store.Sessions().Live(ctx, caller.UserID, now, MaxSessions)
}

func (s sessionService) End(ctx context.Context, caller Caller, id SessionID) error {
	ended, err := s.endThese(ctx, caller.UserID, id)
	if err == nil && len(ended) == 0 {
		return ErrSessionNotFound
	}
	return err
}

func (s sessionService) EndOthers(ctx context.Context, caller Caller) error {
	return s.endAll(ctx, caller.UserID, caller.SessionID)
}

func (s sessionService) LogOut(ctx context.Context, refresh string) error {
	token, err := s.refresh.ParseRefresh(refresh)
	if err != nil {
		return nil
	}
	session, err := s.store.Sessions().ByID(ctx, token.SessionID)
	if errors.Is(err, ErrSessionNotFound) || err == nil && session.RefreshKeyID != token.KeyID {
		return nil
	} else if err != nil {
		return fmt.Errorf("look up a session: %w", err)
	}
	_, err = s.endThese(ctx, session.UserID, session.ID)
	return err
}
