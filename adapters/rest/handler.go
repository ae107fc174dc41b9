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

// Options configures the handler. The fields up to Log are required.
type Options struct {
	Auth     domain.AuthService
	Sessions domain.SessionService
	Users    domain.UserService
	Posts    domain.PostService
	Exports  domain.ExportService
	Emails   domain.EmailService
	Keys     func() []byte // the public keys, as a JWK Set (RFC 7517) in JSON
	Cursors  CursorSealer
	Ready    func(context.Context) error // returns nil, [ErrDraining], or the reason why the store cannot be used
	Log      *slog.Logger                // one line per request

	// Observe receives events about requests. It may be nil.
	Observe Observer

	// AllowedOrigins lists the exact origins (RFC 6454) whose pages may read answers. If it is empty, CORS is off.
	AllowedOrigins []string

	// TrustedProxies lists the peers whose X-Forwarded-For header is trusted. The first such header from another peer is
	// reported to UntrustedForward, unless that is nil. All of them are ignored.
	TrustedProxies   []netip.Prefix
	UntrustedForward func()

	// VerifiedSignUp answers every valid sign-up with 202. The account is created when the link in the mail is used.
	VerifiedSignUp bool

	// WorkMemory limits the memory, in bytes, that requests in flight hold. It should be at least [MinWorkMemory].
	// 0 means no limit.
	WorkMemory int64

	// WorkRequests limits how many requests are processed at once. 0 means no limit.
	WorkRequests int

	// PublicURL is the base URL of the service for clients, such as "https://api.example.com", without a trailing
	// slash. The types of problems begin with it. If it is empty, they are relative.
	PublicURL string

	// Version is the version that GET / returns.
	Version string

	// CheckAnswers checks every answer against the contract before it is sent. An answer that breaks the contract becomes a
	// 500 and an error in the log. It is meant for development: every answer is buffered and parsed again. An answer of
	// lines is checked line by line. It is cut off at a line that breaks the contract.
	CheckAnswers bool
}

// NewHandler returns the whole service as one handler. It returns an error if a required option is missing or if the
// contract cannot be enforced as it is written, for example because an operation does not state who may call it.
func NewHandler(o Options) (http.Handler, error) {
	if o.Auth == nil || o.Sessions == nil || o.Users == nil || o.Posts == nil || o.Exports == nil || o.Emails == nil ||
		o.Keys == nil || o.Cursors == nil || o.Ready == nil || o.Log == nil {
		return nil, errors.New("rest: an option is missing")
	}
	mux, probePaths, err := newMux(o)
	if err != nil {
		return nil, err
	}
	handler := withCORS(withCleanPath(mux), o.AllowedOrigins)
	if o.CheckAnswers {
		answers, err := contract.NewAnswers(api.OpenAPI)
		if err != nil {
			return nil, err
		}
		handler = withCheckedAnswers(handler, answers)
	}
	if o.Observe == nil {
		o.Observe = unobserved{}
	}
	return withRequestState(handler, &admission{
		slots:     newBudget(int64(o.WorkRequests)),
		probes:    probePaths,
		clients:   newClientResolver(o.TrustedProxies, o.UntrustedForward),
		publicURL: o.PublicURL,
		refuse:    withCORS(newBusyHandler(o.PublicURL, o.Log), o.AllowedOrigins),
	}, o.Observe, o.Log), nil
}

// newMux returns a mux with the operations, the documents and a fallback for all other requests. It also returns the
// paths of the probes.
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
	mux := http.NewServeMux()
	patterns := http.NewServeMux() // the same without the fallback
	for pattern, operation := range operations {
		mux.Handle(pattern, operation)
		patterns.Handle(pattern, operation)
		if probeOperations[operation.ID] {
			_, path, _ := strings.Cut(pattern, " ")
			probePaths[path] = true
		}
	}
	for pattern, document := range documents {
		mux.Handle(pattern, withBudget(budget, operationDocument, document))
		patterns.Handle(pattern, document)
	}
	mux.Handle("/", withBudget(budget, "", newUnmatched(patterns)))
	return mux, probePaths, nil
}

// server implements the operations of the contract. If an operation returns an error, its answer is ignored.
type server struct{ Options }

var _ api.Server[*requestState] = (*server)(nil)
