package rest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"slices"

	"example.com/postern/api"
	"example.com/postern/api/answers"
	"example.com/postern/domain"
)

// Options is what the handler is made of. The members up to Log are required.
type Options struct {
	Auth     domain.AuthService
	Sessions domain.SessionService
	Users    domain.UserService
	Posts    domain.PostService
	Keys     func() []byte // the public keys, as a JWK Set (RFC 7517) in JSON
	Cursors  CursorSealer
	Ready    func(context.Context) error // nil, [ErrDraining], or why the store cannot be used
	Log      *slog.Logger                // one line a request

	// AllowedOrigins are the exact origins (RFC 6454) whose pages may read answers. Without any, CORS is off.
	AllowedOrigins []string

	// TrustedProxies are the peers whose X-Forwarded-For is believed. From anyone else it is ignored, and UntrustedForward,
	// unless nil, is called, once.
	TrustedProxies   []netip.Prefix
	UntrustedForward func()

	// Version is what GET / says of the binary.
	Version string

	// CheckAnswers holds every answer against the contract before it is sent, and makes one that breaks it a 500 and an error
	// in the log. It is for development: every answer is then held in memory and parsed once more.
	CheckAnswers bool
}

// NewHandler returns the whole service as one handler. It returns an error if the embedded contract cannot be enforced as
// it is written, such as for an operation that does not say who may call it.
func NewHandler(o Options) (http.Handler, error) {
	if slices.Contains([]bool{o.Auth == nil, o.Sessions == nil, o.Users == nil, o.Posts == nil, o.Keys == nil, o.Cursors == nil, o.Ready == nil, o.Log == nil}, true) {
		return nil, errors.New("rest: an option is missing")
	}
	mux := http.NewServeMux()
	operations, err := newOperations()
	if err != nil {
		return nil, err
	}
	if err := addRules(operations, o.Auth, o.Cursors); err != nil {
		return nil, err
	}
	documents, err := newDocuments(o.Version)
	if err != nil {
		return nil, err
	}
	for pattern, document := range documents {
		mux.Handle(pattern, document)
		operations[pattern] = &operation{id: "GetDescription", access: public, conditional: true}
	}
	strict := api.NewStrictHandlerWithOptions(&server{o}, nil, api.StrictHTTPServerOptions{
		RequestErrorHandlerFunc:  unreadable,
		ResponseErrorHandlerFunc: writeProblem,
	})
	api.HandlerWithOptions(strict, api.StdHTTPServerOptions{BaseRouter: mux, ErrorHandlerFunc: unreadable})
	var handler http.Handler = &contract{mux: mux, operations: operations, auth: o.Auth}
	handler = withSemicolons(withCleanPath(handler))
	handler = withCORS(handler, o.AllowedOrigins)
	if o.CheckAnswers {
		contract, err := answers.Load()
		if err != nil {
			return nil, fmt.Errorf("rest: read the embedded contract: %w", err)
		}
		handler = withCheckedAnswers(handler, contract)
	}
	return withCall(handler, newClients(o.TrustedProxies, o.UntrustedForward), o.Log), nil
}

// unreadable answers what the generated code could not bind, although the contract took it. Its error holds the value, so
// only its type is told.
func unreadable(w http.ResponseWriter, r *http.Request, err error) {
	writeProblem(w, r, fmt.Errorf("%w: %T", errRequest, err))
}

// server implements the operations of the contract.
type server struct{ Options }

var _ api.StrictServerInterface = (*server)(nil)
