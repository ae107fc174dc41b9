package rest

import (
	"context"

	"example.com/postern/api"
	"example.com/postern/domain"
)

// ListSessions implements GET /sessions.
func (s *server) ListSessions(ctx context.Context, state *requestState, _ api.ListSessionsRequestObject) (api.ListSessionsResponseObject, error) {
	caller := state.caller
	sessions, err := s.Sessions.List(ctx, caller)
	if err != nil {
		return nil, err
	}
	list := make(api.SessionList, len(sessions))
	for i, session := range sessions {
		list[i] = newSession(session, caller)
	}
	return api.ListSessions200JSONResponse{Body: list}, nil
}

func newSession(s domain.Session, caller domain.Caller) api.Session {
	return api.Session{
		ID:          string(s.ID),
		CreatedAt:   api.Time{Time: s.CreatedAt},
		RefreshedAt: api.Time{Time: s.RefreshedAt},
		ExpiresAt:   api.Time{Time: s.ExpiresAt},
		IP:          s.IP,
		UserAgent:   s.UserAgent,
		Current:     s.ID == caller.SessionID,
	}
}

// EndSession implements DELETE /sessions/{id}.
func (s *server) EndSession(ctx context.Context, state *requestState, r api.EndSessionRequestObject) (api.EndSessionResponseObject, error) {
	if err := s.Sessions.End(ctx, state.caller, domain.SessionID(r.ID)); err != nil {
		return nil, err
	}
	return api.EndSession204Response{}, nil
}

// EndOtherSessions implements DELETE /sessions.
func (s *server) EndOtherSessions(ctx context.Context, state *requestState, _ api.EndOtherSessionsRequestObject) (api.EndOtherSessionsResponseObject, error) {
	if err := s.Sessions.EndOthers(ctx, state.caller); err != nil {
		return nil, err
	}
	return api.EndOtherSessions204Response{}, nil
}
