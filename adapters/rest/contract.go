package rest

import (
	"fmt"
	"net/http"
	"strings"

	"example.com/postern/domain"
)

// contract stands around the mux and lets a request through only if the embedded OpenAPI document does: it finds out which
// operation is meant, who calls, and whether the request fits, in this order. What it does not know, it denies.
type contract struct {
	mux        *http.ServeMux
	operations map[string]*operation // by the mux's pattern
	auth       domain.AuthService
}

func (c *contract) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	handler, pattern := c.mux.Handler(r)
	op := c.operations[pattern]
	if op == nil {
		writeProblem(w, r, noOperation(w, r, handler))
		return
	}
	call := callOf(r.Context())
	call.operation = op.id
	op.ends.announce(w.Header())
	caller, err := c.authenticate(r, op.access)
	if err != nil && op.proof == "" {
		writeProblem(w, r, err)
		return
	}
	call.caller = caller
	r = op.joinListHeaders(r)
	content, checkErr := op.check(w, r)
	if checkErr != nil {
		writeProblem(w, r, checkErr)
		return
	}
	if err != nil && !content.form.Has(op.proof) {
		writeProblem(w, r, err)
		return
	}
	if !op.preconditionsHold(r) {
		writeProblem(w, r, errCondition)
		return
	}
	call.body = content.raw
	if op.body != nil {
		r = withContent(r, content)
	}
	c.mux.ServeHTTP(w, r) // matches again, which sets the path's values
}

// noOperation tells a path that is unknown from one that lacks the method. The mux knows which, and which methods there
// are.
func noOperation(w http.ResponseWriter, r *http.Request, muxError http.Handler) error {
	answer := discard{header: http.Header{}}
	muxError.ServeHTTP(&answer, r)
	if answer.status != http.StatusMethodNotAllowed {
		return errNotFound
	}
	w.Header().Set("Allow", answer.header.Get("Allow"))
	return errMethod
}

// discard keeps an answer's status and header.
type discard struct {
	header http.Header
	status int
}

func (d *discard) Header() http.Header         { return d.header }
func (d *discard) WriteHeader(status int)      { d.status = status }
func (d *discard) Write(b []byte) (int, error) { return len(b), nil }

// access says who may call an operation.
type access int

const (
	denied   access = iota // the contract does not say
	public                 // anyone; Authorization is ignored
	optional               // anyone, but a bearer token that is there must be good
	secured                // only with a good bearer token
)

// authenticate returns who calls; the zero Caller is nobody in particular.
func (c *contract) authenticate(r *http.Request, a access) (domain.Caller, error) {
	if a == public {
		return domain.Caller{}, nil
	}
	fields := r.Header["Authorization"]
	if len(fields) > 1 {
		return domain.Caller{}, fmt.Errorf("%w: more than one Authorization field", domain.ErrBadToken)
	}
	scheme, token := "", ""
	if len(fields) == 1 {
		scheme, token, _ = strings.Cut(fields[0], " ")
	}
	if !strings.EqualFold(scheme, "Bearer") {
		if a == optional {
			return domain.Caller{}, nil
		}
		return domain.Caller{}, domain.ErrNotAuthenticated
	}
	return c.auth.Authenticate(r.Context(), strings.TrimLeft(token, " "))
}
