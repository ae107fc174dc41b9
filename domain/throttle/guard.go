// Package throttle slows down the guessing of passwords and limits how much a client does.
//
// A [Guard] counts failed logins, sign-ups and mails in the store, so that all instances of a service count together. Each
// login is counted by three rules: per pair of account and client, per client, and per account. A login is reserved before
// the password is checked and settled afterwards, so that parallel logins cannot exceed a limit. For a client that has
// logged in to an account before, only the rule of the pair applies. So nobody can lock the owner out from another network.
//
// A [Limiter] limits the writes of an account, and [Slots] limit how many tries run at once. Both count on one instance, in
// memory.
//
// A client is identified by its network: a text that the client cannot choose, such as its IPv4 address.
package throttle

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"
)

// A try that waits for other tries checks again when one of them has ended on this instance. It also checks again after a pause,
// because the others may run on other instances.
const (
	firstPause   = 100 * time.Millisecond // spread makes it up to twice as long
	longestPause = time.Second
	maxWait      = 5 * time.Second
)

// maxWaiting is how many tries may wait on an instance. Further tries are refused at once.
const maxWaiting = 200

// settleTimeout bounds how long the recording of an outcome takes. The client may have left by then.
const settleTimeout = 2 * time.Second

// ErrBusy is returned when too many tries of a client are running or waiting.
var ErrBusy = errors.New("throttle: too many tries at once")

// LimitError is returned when a limit is reached.
type LimitError struct {
	Quota Quota
	Wait  time.Duration // how long until the next try is allowed
}

// Error implements error.
func (e *LimitError) Error() string {
	return fmt.Sprintf("throttle: the limit %q is reached", e.Quota.Policy)
}

// Quota is a number of tries or writes that is allowed in a window of time (draft-ietf-httpapi-ratelimit-headers).
type Quota struct {
	Policy string // a short stable name, such as "login"
	Limit  int64
	Window time.Duration
}

// Guard slows down guessing, for all instances of a store together. A client with many tries does not block other clients. A
// Guard is safe for concurrent use.
type Guard struct {
	store   Store
	limits  Limits
	ids     ids
	failure error
	shares  shares
	waiting *Slots
	queues  queues
	pauses  atomic.Uint32 // how many there were: see spread
}

// NewGuard returns a guard. The hash makes the identifiers of counters. A try whose function returns the error failure is a
// wrong guess.
func NewGuard(store Store, limits Limits, hash KeyedHash, failure error) *Guard {
	return &Guard{store: store, limits: limits, ids: ids{hash}, failure: failure, waiting: NewSlots(maxWaiting)}
}

// Try calls fn, which checks a password for the account, and counts its outcome. It returns the error of fn. If a limit is
// reached it returns a [*LimitError] and neither calls fn nor counts anything. It returns [ErrBusy] if too many tries run
// at once.
func (g *Guard) Try(ctx context.Context, account, network string, fn func() error) error {
	ids := g.ids.login(account, network)
	known, err := g.reserve(ctx, network, ids)
	if err != nil {
		return err
	}
	if err = ctx.Err(); err != nil { // the client left before the password was looked at, so it learned nothing
		g.settle(ctx, ids, known, undecided)
		return err
	}
	err = fn()
	g.settle(ctx, ids, known, g.outcome(ctx, err))
	return err
}

// outcome returns the outcome of a try. A client that leaves early counts as failed, because it may have learned the
// answer from the time it took.
func (g *Guard) outcome(ctx context.Context, err error) outcome {
	switch {
	case err == nil:
		return succeeded
	case errors.Is(err, g.failure), ctx.Err() != nil:
		return failed
	}
	return undecided
}

// reserve reserves a try. While a limit is reached only because of tries whose outcome is not known yet, it waits for
// them: many right logins at once all succeed, and many wrong ones do not exceed a limit.
func (g *Guard) reserve(ctx context.Context, network string, ids []string) (known bool, err error) {
	known, v, err := g.admit(ctx, network, ids)
	if err != nil || !v.pending {
		return known, err
	}
	if !g.waiting.Acquire(network) {
		return false, ErrBusy
	}
	defer g.waiting.Release(network)
	bounded, cancel := context.WithTimeout(ctx, maxWait)
	defer cancel()
	for pause := firstPause; err == nil && v.pending; pause = min(2*pause, longestPause) {
		if g.queues.wait(bounded, ids[pairIndex], g.spread(pause)) != nil {
			return false, cmp.Or(ctx.Err(), ErrBusy)
		}
		known, v, err = g.admit(ctx, network, ids)
	}
	return known, err
}

// spread returns between one and two times the pause. Waiters that pause at the same time get different pauses.
func (g *Guard) spread(pause time.Duration) time.Duration {
	const goldenRatio = 0x9E3779B9 // its multiples, modulo 2^32, are spread evenly (Knuth, TAOCP, section 6.4)
	part := uint64(g.pauses.Add(1) * goldenRatio)
	return pause + time.Duration(part*uint64(pause)>>32)
}

// admit reserves a try, or returns a [*LimitError], or a pending verdict.
func (g *Guard) admit(ctx context.Context, network string, ids []string) (known bool, v verdict, err error) {
	now, release, err := g.begin(ctx, network)
	if err != nil {
		return false, verdict{}, err
	}
	defer release()
	// If the client leaves now, the outcome must be known: a reservation that nobody settles counts as a failure.
	ctx = context.WithoutCancel(ctx)
	err = g.store.Throttles().Change(ctx, ids, func(c []Counter) { known, v = g.limits.admit(c, now) })
	if err == nil {
		err = v.refusal()
	}
	return known, v, err
}

// begin acquires a slot of the network's share, and returns the time. The caller must call release.
func (g *Guard) begin(ctx context.Context, network string) (now time.Time, release func(), err error) {
	release, err = g.shares.acquire(ctx, network)
	if err != nil {
		return time.Time{}, nil, err
	}
	now, err = g.store.Now(ctx)
	if err != nil {
		release()
	}
	return now, release, err
}

// settle records the outcome of a try, even if its client has left. If that fails, the try stays reserved and counts as a failure
// later. It needs no slot: there are no more outcomes than reservations, and a late outcome would count as a failure.
func (g *Guard) settle(ctx context.Context, ids []string, known bool, o outcome) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), settleTimeout)
	defer cancel()
	now, err := g.store.Now(ctx)
	if err != nil {
		return
	}
	_ = g.store.Throttles().Change(ctx, ids, func(c []Counter) { g.limits.settle(c, known, o, now) })
	g.queues.wake(ids[pairIndex])
}

// CountSignUp counts a registration. If the limit is reached it returns a [*LimitError] and does not count it.
func (g *Guard) CountSignUp(ctx context.Context, network string) error {
	rules := []rule{windowRule(Quota{signUpPolicy, g.limits.SignUps, g.limits.SignUpWindow})}
	return g.count(ctx, network, []string{g.ids.signUp(network)}, rules)
}

// CountMail counts a mail that only the owner of an account can cause. If the limit is reached it returns a [*LimitError]
// and does not count it. Each kind of mail has its own limit, so a stranger who reaches one does not prevent mails of
// another kind. Count a kind with CountMail or with CountMailRequest, never with both: a shared limit would show a stranger
// that the address has an account.
func (g *Guard) CountMail(ctx context.Context, kind, account, network string) error {
	return g.count(ctx, network, []string{g.ids.accountMails(kind, account)}, []rule{g.limits.mailRule()})
}

// CountMailRequest counts a mail to an address that any client may ask for. If a limit is reached it returns a [*LimitError]
// and does not count it.
func (g *Guard) CountMailRequest(ctx context.Context, kind, account, network string) error {
	ids := []string{g.ids.accountMails(kind, account), g.ids.clientMails(network)}
	rules := []rule{g.limits.mailRule(), windowRule(Quota{mailPolicy, g.limits.MailsPerClient, g.limits.MailWindow})}
	return g.count(ctx, network, ids, rules)
}

// count adds one to each counter if its rule allows it. Otherwise it returns a [*LimitError] and adds nothing.
func (g *Guard) count(ctx context.Context, network string, ids []string, rules []rule) error {
	now, release, err := g.begin(ctx, network)
	if err != nil {
		return err
	}
	defer release()
	var v verdict
	err = g.store.Throttles().Change(ctx, ids, func(counters []Counter) {
		if v = judge(rules, counters, now); v.wait > 0 {
			return
		}
		for i, r := range rules {
			r.fail(&counters[i], 1, now)
		}
	})
	if err != nil {
		return err
	}
	return v.refusal()
}

// forgetBatch is how many counters are deleted at once.
const forgetBatch = 500

// Forget deletes all counters of an account.
func (g *Guard) Forget(ctx context.Context, account string) error {
	prefix := g.ids.prefix(account)
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
