package client

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
)

// call is what an operation and the sending of its requests tell each other, in the context.
type call struct {
	repeatable bool // doing it twice is the same as doing it once, though the request does not look like it
	repeated   bool // it was sent again, after an attempt of which nobody knows what it did
}

type callKey struct{}

// withCall returns a context that carries c.
func withCall(ctx context.Context, c *call) context.Context {
	return context.WithValue(ctx, callKey{}, c)
}

// callOf returns the context's call, or one that nobody looks at.
func callOf(ctx context.Context) *call {
	if c, ok := ctx.Value(callKey{}).(*call); ok {
		return c
	}
	return &call{}
}

// rewind returns a copy of the request with its body at the beginning, or an error if that cannot be.
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

// peekCode returns the code of the answer's problem, empty if it is none, and leaves the body as it was.
func peekCode(resp *http.Response) ProblemCode {
	const maxProblem = 1 << 20
	head, err := io.ReadAll(io.LimitReader(resp.Body, maxProblem))
	rest := io.Reader(resp.Body)
	if err != nil {
		rest = failing{err}
	}
	resp.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(head), rest), resp.Body}
	return problemOf(resp, head).Code
}

// failing is a reader that fails.
type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// isBadToken tells whether the answer says that the access token is not good, or no longer (RFC 6750, section 3.1).
func isBadToken(resp *http.Response) bool {
	return resp.StatusCode == http.StatusUnauthorized && peekCode(resp) == ProblemCodeInvalidToken
}
