package rest

import (
	"errors"
	"fmt"
	"net/http"
	"strings"

	"example.com/postern/api"
	"example.com/postern/api/contract"
	"example.com/postern/domain"
)

// operation serves one operation of the contract. It authenticates the caller first and then checks the request.
type operation struct {
	*contract.Operation
	handle      api.Handler[*requestState]
	auth        domain.AuthService
	deprecation *deprecation
	budget      *budget
}

// newOperations returns the operations by the pattern of the mux.
func newOperations(c *contract.Contract, s *server, b *budget) (map[string]*operation, error) {
	operations := map[string]*operation{}
	for pattern, handle := range api.Handlers(s) {
		declared := c.Operation(pattern)
		if declared == nil {
			return nil, errors.New("rest: the contract lacks " + pattern)
		}
		deprecated, err := newDeprecation(declared)
		if err != nil {
			return nil, fmt.Errorf("rest: %s: %w", pattern, err)
		}
		operation := &operation{declared, handle, s.Auth, deprecated, b}
		if probeOperations[declared.ID] {
			operation.budget = nil
		}
		operations[pattern] = operation
	}
	return operations, nil
}

// ServeHTTP implements [http.Handler].
func (op *operation) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	state := stateOf(r.Context())
	state.operation = op.ID
	op.deprecation.setHeaders(w.Header())
	defer state.memory.release()
	err := op.serve(w, r, state)
	if _, broken := errors.AsType[*api.BrokenAnswerError](err); broken {
		state.err = err
		panic(http.ErrAbortHandler)
	}
	if err != nil {
		writeProblem(w, r, err)
	}
}

func (op *operation) serve(w http.ResponseWriter, r *http.Request, state *requestState) error {
	if err := state.chargeRequest(op.budget, r); err != nil {
		return err
	}
	caller, tokenErr := op.authenticate(r)
	if tokenErr != nil && op.TokenMember == "" {
		return tokenErr
	}
	state.caller = caller
	if err := state.memory.addBody(r, op.BodyLimit()); err != nil {
		return err
	}
	state.slot.release()
	in, err := op.Read(w, r)
	state.slot.force(1) // even beyond the limit: the request was admitted
	if err != nil {
		return err
	}
	if tokenErr != nil && !in.Form.Has(op.TokenMember) {
		return tokenErr
	}
	if !op.preconditionsHold(r) {
		return errPreconditionFailed
	}
	state.in = in
	return op.handle(w, r, state, in)
}

// authenticate returns the caller. The zero Caller means an anonymous request.
func (op *operation) authenticate(r *http.Request) (domain.Caller, error) {
	if op.Access == contract.Public {
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
		if op.Access == contract.Optional {
			return domain.Caller{}, nil
		}
		return domain.Caller{}, domain.ErrNotAuthenticated
	}
	return op.auth.Authenticate(r.Context(), strings.TrimLeft(token, " "))
}
