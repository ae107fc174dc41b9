package rest

import (
	"context"

	"example.com/postern/api"
	"example.com/postern/domain"
)

// ListSessions implements GET /sessions.
func (s *server) ListSessions(
	ctx context.Context, state *requestState, _ api.ListSessionsRequestObject,
) (api.ListSessionsResponseObject, error) {
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
func (s *server) EndSession(
	ctx context.Context, state *requestState, r api.EndSessionRequestObject,
) (api.EndSessionResponseObject, error) {
	return api.EndSession204Response{}, s.Sessions.End(ctx, state.caller, domain.SessionID(r.ID))
}

// EndOtherSessions implements DELETE /sessions.
func (s *server) EndOtherSessions(
	ctx context.Context, state *requestState, _ api.EndOtherSessionsRequestObject,
) (api.EndOtherSessionsResponseObject, error) {
	return api.EndOtherSessions204Response{}, s.Sessions.EndOthers(ctx, state.caller)
}
