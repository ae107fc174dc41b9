package client

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
)

// call holds facts about a request that the request itself does not show. The code that sends the request reads them from
// its context.
type call struct {
	repeatable bool   // the operation is idempotent although its request does not look so
	stream     *watch // if not nil, the answer may be of any size, and the watch limits the time instead of the client
}

type callKey struct{}

// withCall returns a context that carries c.
func withCall(ctx context.Context, c call) context.Context {
	return context.WithValue(ctx, callKey{}, c)
}

// callOf returns the context's call, or its zero value.
func callOf(ctx context.Context) call {
	c, _ := ctx.Value(callKey{}).(call)
	return c
}

// rewind returns a copy of the request with its body at the start.
func rewind(req *http.Request) (*http.Request, error) {
	next := req.Clone(req.Context())
	if req.Body == nil || req.Body == http.NoBody {
		return next, nil
	}
	if req.GetBody == nil {
		return nil, errors.New("client: the body cannot be sent again")
	}
	var err error
	next.Body, err = req.GetBody()
	return next, err
}

// peekCode returns the code of the problem in an answer, if it is one. The body can still be read. If reading it failed, it
// fails again at the same place.
func peekCode(resp *http.Response) ProblemCode {
	const maxProblem = 1 << 20
	head, _ := io.ReadAll(io.LimitReader(resp.Body, maxProblem))
	resp.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(head), resp.Body), resp.Body}
	return ProblemOf(resp, head).Code
}

// isBadToken reports whether the server refused the access token (RFC 6750, section 3.1).
func isBadToken(resp *http.Response) bool {
	return resp.StatusCode == http.StatusUnauthorized && peekCode(resp) == ProblemCodeInvalidToken
}
