package domain

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"
)

// How a try waits for the outcome of others. It looks again when one of them on this instance is over, and now and then by
// itself, because others may be on other instances.
const (
	firstPause    = 100 * time.Millisecond // and up to as long again
	longestPause  = time.Second
	crowdPatience = 5 * time.Second
)

// settleTimeout bounds the time for recording the outcome of a try, whose client may be gone by then.
const settleTimeout = 2 * time.Second

// guard keeps guessing slow, on all instances of a store together. No network can take what the guard works with from the
// others.
type guard struct {
	store  Store
	limits Limits
	ids    throttleIDs
	shares shares
	crowd  crowd
	lines  lines
}

func newGuard(store Store, limits Limits, hash KeyedHash) *guard {
	return &guard{store: store, limits: limits, ids: throttleIDs{hash}}
}

// try runs fn, which tries a password, unless too many tries for the account or from the address have failed: then it returns
// an error of kind [ErrTooMany], and nothing is counted. fn returns [ErrInvalidCredentials] for a failure.
func (g *guard) try(ctx context.Context, account string, client Client, fn func() error) error {
	ids := g.ids.login(account, client.Network())
	known, err := g.reserve(ctx, client.Network(), ids)
	if err != nil {
		return err
	}
	err = fn()
	g.settle(ctx, ids, known, outcomeOf(ctx, err))
	return err
}

// outcomeOf returns the outcome of a try. A client that leaves before the answer may have learned it from the time it took.
func outcomeOf(ctx context.Context, err error) outcome {
	switch {
	case err == nil:
		return succeeded
	case errors.Is(err, ErrInvalidCredentials), ctx.Err() != nil:
		return failed
	}
	return undecided
}

// reserve reserves a try. While the limits are reached only with tries whose outcome is not known yet, it waits for those: many
// right logins at once all pass, and many wrong ones do not exceed a limit. If they take too long it returns [ErrHasherBusy].
func (g *guard) reserve(ctx context.Context, from Network, ids []string) (known bool, err error) {
	waiting := false
	pause := firstPause
	for began := time.Now(); ; {
		known, v, err := g.admit(ctx, from, ids)
		switch {
		case err != nil:
			return false, err
		case v.wait > 0:
			return false, tooMany("Too many logins have failed. Try again later.", v.wait, v.quota)
		case !v.crowded:
			return known, nil
		}
		if !waiting {
			if waiting = g.crowd.enter(from); waiting {
				defer g.crowd.leave(from)
			}
		}
		left := crowdPatience - time.Since(began)
		if !waiting || left <= 0 {
			return false, ErrHasherBusy
		}
		if err := g.lines.wait(ctx, ids[ofPair], min(pause+rand.N(pause), left)); err != nil {
			return false, err
		}
		pause = min(2*pause, longestPause)
	}
}

func (g *guard) admit(ctx context.Context, from Network, ids []string) (known bool, v verdict, err error) {
	leave, err := g.shares.take(ctx, from)
	if err != nil {
		return false, verdict{}, err
	}
	defer leave()
	now, err := g.store.Now(ctx)
	if err != nil {
		return false, verdict{}, err
	}
	err = g.store.Throttles().Change(ctx, ids, func(t []Throttle) { known, v = g.limits.admit(t, now) })
	return known, v, err
}

// settle records the outcome of a try, whether or not its client is still there. If that fails, the try stays reserved and
// counts as a failure in the end: the guard errs on the safe side. It takes no place in a share: there are no more
// outcomes than reservations, and a late one would count as a failure.
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
	leave, err := g.shares.take(ctx, client.Network())
	if err != nil {
		return err
	}
	defer leave()
	now, err := g.store.Now(ctx)
	if err != nil {
		return err
	}
	r := g.limits.signUpRule()
	var v verdict
	err = g.store.Throttles().Change(ctx, []string{g.ids.signUp(client.Network())}, func(t []Throttle) {
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

// forgetBatch is how many throttles are forgotten at once.
const forgetBatch = 500

// forget removes all throttles that concern an account.
func (g *guard) forget(ctx context.Context, account Email) error {
	prefix := g.ids.prefix(accountKey(string(account)))
	for {
		n, err := g.store.Throttles().DeletePrefix(ctx, prefix, forgetBatch)
		if err != nil {
			return fmt.Errorf("forget the throttles of an account: %w", err)
		}
		if n < forgetBatch {
			return nil
		}
	}
}

func tooMany(message string, wait time.Duration, quota Quota) error {
	return &Error{Kind: ErrTooMany, Code: "quota_exceeded", Message: message, RetryAfter: wait, Quota: &quota}
}
