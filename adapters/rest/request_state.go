package rest

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net/http"
	"strings"

	"example.com/postern/api"
	"example.com/postern/domain"
)

// requestState is what is learned of a request on its way in, for the access log and the handlers.
type requestState struct {
	id        string        // X-Request-Id
	publicURL string        // see [Options.PublicURL]
	operation string        // operationId; empty if the path is unknown
	caller    domain.Caller // zero if nobody in particular
	client    domain.Client
	in        api.Input
	hold      budgetHold
	slot      admissionSlot
	err       error // what was answered with a problem
}

// RequestAttrs returns what a log line that is written on behalf of a request says of it: its identifier and the client's
// address. There are none outside a request.
func RequestAttrs(ctx context.Context) []slog.Attr {
	state := stateOf(ctx)
	if state == nil {
		return nil
	}
	return []slog.Attr{slog.String("request_id", state.id), slog.String("ip", state.client.IP)}
}

type stateKey struct{}

// stateOf returns the request's call. Every request that passed the handler has one.
func stateOf(ctx context.Context) *requestState {
	state, _ := ctx.Value(stateKey{}).(*requestState)
	return state
}

func newRequestState(r *http.Request, client domain.Client, publicURL string) (*requestState, *http.Request) {
	state := &requestState{id: requestID(r), publicURL: publicURL, client: client}
	return state, r.WithContext(context.WithValue(r.Context(), stateKey{}, state))
}

const maxRequestID = 64

// requestID returns the client's own X-Request-Id if it is harmless in a log and a header, else a fresh one.
func requestID(r *http.Request) string {
	ids := r.Header["X-Request-Id"]
	if len(ids) == 1 && len(ids[0]) >= 1 && len(ids[0]) <= maxRequestID && !strings.ContainsFunc(ids[0], notRequestIDRune) {
		return ids[0]
	}
	return rand.Text()
}

func notRequestIDRune(r rune) bool {
	return (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '.' && r != '_' && r != '-'
}
