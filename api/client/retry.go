package client

import (
	"context"
	"crypto/rand"
	"errors"
	random "math/rand/v2"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"
)

// Retry configures how often and how soon a failed request is sent again. The wait doubles from First to Max, and half of it
// is random, so that many clients do not come back at once. If the answer has Retry-After, the wait is a little longer than
// that. If the wait would be longer than Max or than the context lives, the failure is returned at once.
//
// A request that was certainly not carried out (408, 429, 503, no connection) is always sent again, except a search that was
// too slow. After an unknown outcome (a lost answer, 502 or 504 from a gateway, the code outcome_unknown), only an idempotent
// request is sent again: not a sign-up, a login, a change of password, the deletion of an account, or a write with an ETag. If a
// deletion that is sent again finds nothing to delete, an earlier attempt has deleted it, and the answer is 204.
type Retry struct {
	Attempts   int // with the first; 1 or less for no retries
	First, Max time.Duration
}

// DefaultRetry is used without UseRetry. Its 4 attempts take about a second if the server does not ask for longer waits.
var DefaultRetry = Retry{Attempts: 4, First: 200 * time.Millisecond, Max: 10 * time.Second}

// wait returns how long to wait after an attempt; the first is number 1. asked is the wait that the server asked for, or 0.
func (r Retry) wait(attempt int, asked time.Duration) time.Duration {
	d := r.First << min(attempt-1, 20)
	if d <= 0 || d > r.Max {
		d = r.Max
	}
	half := d / 2
	jitter := time.Duration(random.Int64N(int64(half) + 1))
	if asked > 0 {
		return asked + jitter
	}
	return half + jitter
}

// outcome is the result of an attempt.
type outcome int

const (
	answered outcome = iota // the caller gets the answer
	refused                 // the server did nothing
	unknown                 // the server may have carried out the request
)

// send sends a request, repeats it while that is safe and may help, and returns the last answer.
func (a *API) send(req *http.Request) (*http.Response, error) {
	a.prepare(req)
	ctx, call, client := req.Context(), callOf(req.Context()), *a.client
	maybeDone := false // an earlier attempt may have carried out the request
	if call.stream != nil {
		client.Timeout = 0 // it would include reading the answer
	}
	for attempt := 1; ; attempt++ {
		call.stream.start()
		resp, err := client.Do(req)
		if resp != nil && (call.stream == nil || resp.StatusCode != http.StatusOK) {
			resp.Body = http.MaxBytesReader(nil, resp.Body, maxAnswer)
		}
		if maybeDone && req.Method == http.MethodDelete && err == nil && isGone(resp) {
			resp.Body.Close()
			return &http.Response{StatusCode: http.StatusNoContent, Header: http.Header{}, Body: http.NoBody, Request: req}, nil
		}
		outcome, asked := judge(resp, err)
		again := outcome == refused || outcome == unknown && (call.repeatable || isRepeatable(req))
		if attempt >= a.retry.Attempts || !again || asked > a.retry.Max || ctx.Err() != nil {
			return resp, err
		}
		wait := a.retry.wait(attempt, asked)
		if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) <= wait {
			return resp, err
		}
		next, rewindErr := rewind(req)
		if rewindErr != nil {
			return resp, err
		}
		if resp != nil {
			resp.Body.Close()
		}
		call.stream.stop()
		if err := sleep(ctx, wait); err != nil {
			return nil, err
		}
		maybeDone = maybeDone || outcome == unknown
		req = next
	}
}

// isGone reports whether the server has the path of a request, but nothing there. The 404 of a proxy says nothing about that.
func isGone(resp *http.Response) bool {
	return resp.StatusCode == http.StatusNotFound && !slices.Contains([]ProblemCode{"", ProblemCodeNotFound}, peekCode(resp))
}

// prepare adds the User-Agent header, and the Idempotency-Key header to a new post.
func (a *API) prepare(req *http.Request) {
	if req.Header.Get("User-Agent") == "" {
		req.Header.Set("User-Agent", a.userAgent)
	}
	if req.Method == http.MethodPost && strings.HasSuffix(req.URL.Path, "/posts") && req.Header.Get("Idempotency-Key") == "" {
		req.Header.Set("Idempotency-Key", rand.Text())
	}
}

// judge returns the outcome of an attempt, and how long the server asks to wait.
func judge(resp *http.Response, err error) (outcome, time.Duration) {
	if err != nil {
		if failed, ok := errors.AsType[*net.OpError](err); ok && failed.Op == "dial" {
			return refused, 0
		}
		return unknown, 0
	}
	asked := retryAfter(resp.Header)
	switch resp.StatusCode {
	case http.StatusTooManyRequests, http.StatusRequestTimeout:
		return refused, asked
	case http.StatusBadGateway, http.StatusGatewayTimeout:
		return unknown, asked
	case http.StatusServiceUnavailable:
		switch peekCode(resp) {
		case "", ProblemCodeOutcomeUnknown:
			return unknown, asked
		case ProblemCodeSearchTooSlow: // it would be too slow again
			return answered, 0
		}
		return refused, asked
	case http.StatusConflict:
		if peekCode(resp) == ProblemCodeIdempotencyInProgress {
			return refused, asked
		}
	}
	return answered, 0
}

// isRepeatable reports whether the contract promises that sending the request twice has the effect of sending it once. It is
// false where the second request fails: a write with an ETag, a change of password, the deletion of an account.
func isRepeatable(req *http.Request) bool {
	if req.Header.Get("Idempotency-Key") != "" {
		return true
	}
	if tag := req.Header.Get("If-Match"); tag != "" && tag != AnyVersion {
		return false
	}
	switch req.Method {
	case http.MethodGet, http.MethodHead, http.MethodPatch:
		return true
	case http.MethodPut:
		return !strings.HasSuffix(req.URL.Path, "/users/me/password")
	case http.MethodDelete:
		return !strings.HasSuffix(req.URL.Path, "/users/me")
	}
	return false
}

// sleep waits for d, or returns the context's error if the context ends sooner.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
