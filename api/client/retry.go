package client

import (
	"context"
	"crypto/rand"
	"errors"
	random "math/rand/v2"
	"net"
	"net/http"
	"strings"
	"time"
)

// Retry says how often and how soon a request that failed is sent again. The wait doubles from First to Max, and half of it is
// random, so that those who failed together do not come back together. If the server says Retry-After, the wait is that and a
// little more; if that is longer than Max or than the context lives, there is no wait, and the failure is returned.
//
// What was not done (408, 429, 503, a connection that was not made) is always sent again. What may or may not have been done (a lost
// answer, a gateway's 502 or 504, the code outcome_unknown) is sent again only if doing it twice is the same as doing it once:
// not a sign-up, a log-in, a change of password, the deletion of an account, or a write with If-Match.
type Retry struct {
	Attempts   int // in all; 1 or less for no retries
	First, Max time.Duration
}

// DefaultRetry is used unless UseRetry says otherwise: 4 attempts, that is, about a second in all if the server asks for no more.
var DefaultRetry = Retry{Attempts: 4, First: 200 * time.Millisecond, Max: 10 * time.Second}

// wait returns how long to wait after a failed attempt, counted from 1, if the server asked for at least asked.
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

// outcome is what an attempt came to.
type outcome int

const (
	answered outcome = iota // it is what the caller wants to know
	refused                 // nothing was done
	unknown                 // it may have been done
)

// send sends a request, again while that is safe and may help, and returns the last answer. It gives a new post its key.
func (a *API) send(req *http.Request) (*http.Response, error) {
	a.prepare(req)
	ctx, call := req.Context(), callOf(req.Context())
	for attempt := 1; ; attempt++ {
		resp, err := a.client.Do(req)
		if resp != nil {
			resp.Body = http.MaxBytesReader(nil, resp.Body, maxAnswer)
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
		if err := sleep(ctx, wait); err != nil {
			return nil, err
		}
		call.repeated = call.repeated || outcome == unknown
		req = next
	}
}

// prepare names the caller, and gives a new post its key if it has none.
func (a *API) prepare(req *http.Request) {
	if req.Header.Get("User-Agent") == "" {
		req.Header.Set("User-Agent", a.userAgent)
	}
	if req.Method == http.MethodPost && strings.HasSuffix(req.URL.Path, "/posts") && req.Header.Get("Idempotency-Key") == "" {
		req.Header.Set("Idempotency-Key", rand.Text())
	}
}

// judge tells what an attempt came to, and how long the server asks to wait.
func judge(resp *http.Response, err error) (outcome, time.Duration) {
	if err != nil {
		var op *net.OpError
		if errors.As(err, &op) && op.Op == "dial" {
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
		if code := peekCode(resp); code == "" || code == ProblemCodeOutcomeUnknown {
			return unknown, asked
		}
		return refused, asked
	case http.StatusConflict:
		if peekCode(resp) == ProblemCodeIdempotencyInProgress {
			return refused, asked
		}
	}
	return answered, 0
}

// isRepeatable tells whether doing it twice is the same as doing it once, as the contract promises. Of two equal writes with
// If-Match the second fails, and so do a second change of a password and deletion of an account.
func isRepeatable(req *http.Request) bool {
	if req.Header.Get("Idempotency-Key") != "" {
		return true
	}
	if req.Header.Get("If-Match") != "" {
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

// sleep waits, or returns the context's error if that is done sooner.
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
