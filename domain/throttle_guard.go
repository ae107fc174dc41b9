package domain

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"
)

// How a try waits for others to be over.
const (
	crowdPause    = 100 * time.Millisecond // until it looks again by itself, and up to as long again
	crowdPatience = 5 * time.Second
	crowdSize     = 100 // tries that wait at a time; more are refused at once
)

// settleTimeout is how long it may take to note what became of a try, whose client may be gone by then.
const settleTimeout = 2 * time.Second

// guard keeps guessing slow, on all instances of a store together.
type guard struct {
	store  Store
	limits Limits
	crowd  chan struct{} // holds one for each try that waits
	lines  lines
}

func newGuard(store Store, limits Limits) *guard {
	return &guard{store: store, limits: limits, crowd: make(chan struct{}, crowdSize)}
}

// try runs fn, which tries a password, unless too many tries for the account or from the address have failed: then it returns
// an error of kind [ErrTooMany], and nothing is counted. fn returns [ErrInvalidCredentials] for a failure.
func (g *guard) try(ctx context.Context, account string, client Client, fn func() error) error {
	ids := loginThrottles(account, client)
	known, err := g.reserve(ctx, ids)
	if err != nil {
		return err
	}
	err = fn()
	g.settle(ctx, ids, known, outcomeOf(ctx, err))
	return err
}

// outcomeOf tells what became of a try. Whoever leaves before the answer may have learned it from the time that it took.
func outcomeOf(ctx context.Context, err error) outcome {
	switch {
	case err == nil:
		return succeeded
	case errors.Is(err, ErrInvalidCredentials), ctx.Err() != nil:
		return failed
	}
	return undecided
}

// reserve reserves a try. One that is kept out only by others whose outcome is not known yet waits for them a while: right
// logins beside each other all pass, and wrong ones do not exceed a limit. If they take too long it is [ErrHasherBusy]: nothing
// was found wrong.
func (g *guard) reserve(ctx context.Context, ids []string) (known bool, err error) {
	waiting := false
	for began := time.Now(); ; {
		known, v, err := g.admit(ctx, ids)
		switch {
		case err != nil:
			return false, err
		case v.wait > 0:
			return false, tooMany("Too many logins have failed. Try again later.", v.wait, v.quota)
		case !v.crowded:
			return known, nil
		}
		if !waiting {
			if waiting = g.enter(); waiting {
				defer func() { <-g.crowd }()
			}
		}
		if !waiting || time.Since(began) >= crowdPatience {
			return false, ErrHasherBusy
		}
		if err := g.lines.wait(ctx, ids[ofPair], crowdPause+rand.N(crowdPause)); err != nil {
			return false, err
		}
	}
}

func (g *guard) enter() bool {
	select {
	case g.crowd <- struct{}{}:
		return true
	default:
		return false
	}
}

func (g *guard) admit(ctx context.Context, ids []string) (known bool, v verdict, err error) {
	now, err := g.store.Now(ctx)
	if err != nil {
		return false, verdict{}, err
	}
	err = g.store.Throttles().Change(ctx, ids, func(t []Throttle) { known, v = g.limits.admit(t, now) })
	return known, v, err
}

// settle notes what became of a try, whether or not its client is still there. If that fails the try stays reserved, which
// in the end makes it a failure: the guard errs on the safe side.
func (g *guard) settle(ctx context.Context, ids []string, known bool, o outcome) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTimeout)
	defer cancel()
	now, err := g.store.Now(ctx)
	if err != nil {
		return
	}
	_ = g.store.Throttles().Change(ctx, ids, func(t []Throttle) { g.limits.settle(t, known, o, now) })
	g.lines.wake(ids[ofPair])
}

// countSignUp counts a registration, or returns an error of kind [ErrTooMany] and does not.
func (g *guard) countSignUp(ctx context.Context, client Client) error {
	now, err := g.store.Now(ctx)
	if err != nil {
		return err
	}
	r := g.limits.signUpRule()
	var v verdict
	err = g.store.Throttles().Change(ctx, []string{throttleID("signup", string(client.Network()))}, func(t []Throttle) {
		r.forget(&t[0], now)
		if v = r.judge(t[0], now); v.wait == 0 {
			r.fail(&t[0], 1, now)
		}
	})
	if err == nil && v.wait > 0 {
		return tooMany("Too many accounts were made from this address. Try again later.", v.wait, v.quota)
	}
	return err
}

func tooMany(message string, wait time.Duration, quota Quota) error {
	return &Error{Kind: ErrTooMany, Code: "quota_exceeded", Message: message, RetryAfter: wait, Quota: &quota}
}
