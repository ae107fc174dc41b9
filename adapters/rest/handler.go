package rest

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"

	"example.com/postern/api"
	"example.com/postern/api/contract"
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

	// WorkMemory bounds, in octets, the memory that requests in flight hold, at least [MinWorkMemory]. 0 means no bound.
	WorkMemory int64

	// WorkRequests bounds how many requests are worked on at once. 0 means no bound.
	WorkRequests int

	// PublicURL is where clients reach the service, such as "https://api.example.com", without a slash at the end. The types of
	// problems begin with it. They are relative if it is empty.
	PublicURL string

	// Version is what GET / says of the binary.
	Version string

	// CheckAnswers holds every answer against the contract before it is sent, and makes one that breaks it a 500 and an error
	// in the log. It is for development: every answer is then held in memory and parsed once more.
	CheckAnswers bool
}

// NewHandler returns the whole service as one handler. It returns an error if the contract cannot be enforced as it is written,
// such as for an operation that does not say who may call it.
func NewHandler(o Options) (http.Handler, error) {
	if o.Auth == nil || o.Sessions == nil || o.Users == nil || o.Posts == nil || o.Keys == nil || o.Cursors == nil || o.Ready == nil || o.Log == nil {
		return nil, errors.New("rest: an option is missing")
	}
	mux, probePaths, err := newMux(o)
	if err != nil {
		return nil, err
	}
	handler := withSemicolons(withCleanPath(mux))
	handler = withCORS(handler, o.AllowedOrigins)
	if o.CheckAnswers {
		answers, err := contract.NewAnswers(api.OpenAPI)
		if err != nil {
			return nil, err
		}
		handler = withCheckedAnswers(handler, answers)
	}
	return withRequestState(handler, &admission{
		slots:     newBudget(int64(o.WorkRequests)),
		probes:    probePaths,
		clients:   newClientResolver(o.TrustedProxies, o.UntrustedForward),
		publicURL: o.PublicURL,
		refuse:    withCORS(newBusyHandler(o.PublicURL, o.Log), o.AllowedOrigins),
	}, o.Log), nil
}

// newMux returns the operations and documents, each at its pattern, and what answers for everything else. It also returns the paths
// of the probes.
func newMux(o Options) (_ http.Handler, probePaths map[string]bool, err error) {
	compiled, err := contract.New(api.OpenAPI, formats(o.Auth, o.Cursors))
	if err != nil {
		return nil, nil, err
	}
	budget := newBudget(o.WorkMemory)
	operations, err := newOperations(compiled, &server{o}, budget)
	if err != nil {
		return nil, nil, err
	}
	documents := newDocuments(o.Version)
	probePaths = map[string]bool{}
	mux, known := http.NewServeMux(), http.NewServeMux()
	for pattern, operation := range operations {
		mux.Handle(pattern, operation)
		known.Handle(pattern, operation)
		if probeOperations[operation.ID] {
			_, path, _ := strings.Cut(pattern, " ")
			probePaths[path] = true
		}
	}
	for pattern, document := range documents {
		mux.Handle(pattern, withOperationName("GetDescription", withBudget(budget, document)))
		known.Handle(pattern, document)
	}
	mux.Handle("/", withBudget(budget, newUnmatched(known)))
	return mux, probePaths, nil
}

// withOperationName returns a handler whose requests are logged under the name of an operation.
func withOperationName(operation string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		stateOf(r.Context()).operation = operation
		next.ServeHTTP(w, r)
	})
}

// server implements the operations of the contract.
type server struct{ Options }

var _ api.Server[*requestState] = (*server)(nil)
