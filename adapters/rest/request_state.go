package rest

import (
	"context"
	"log/slog"

	"example.com/postern/api"
	"example.com/postern/domain"
)

// requestState collects what is known about a request, for the handlers and the access log.
type requestState struct {
	id        string        // X-Request-Id
	traceID   string        // of the trace that the request belongs to, in the sense of W3C Trace Context
	publicURL string        // see [Options.PublicURL]
	operation string        // operationId; empty if the path is unknown
	head      bool          // the method is HEAD
	caller    domain.Caller // zero if the request is anonymous
	client    domain.Client
	in        api.Input
	memory    memory
	slot      share // see [admission]
	err       error // the error that the problem in the answer reports
}

// viewer returns the caller as a reader of posts.
func (s *requestState) viewer() domain.Viewer { return domain.Viewer{UserID: s.caller.UserID} }

// RequestAttrs returns the attributes that identify a request in the log: its identifier, its trace and the client's address.
// It returns nil outside a request.
func RequestAttrs(ctx context.Context) []slog.Attr {
	state := stateOf(ctx)
	if state == nil {
		return nil
	}
	return []slog.Attr{
		slog.String("request_id", state.id), slog.String("trace_id", state.traceID), slog.String("ip", state.client.IP),
	}
}

type stateKey struct{}

// stateOf returns the state of a request, or nil outside a request.
func stateOf(ctx context.Context) *requestState {
	state, _ := ctx.Value(stateKey{}).(*requestState)
	return state
}
