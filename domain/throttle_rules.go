package domain

import "time"

const (
	pairMemory  = 24 * time.Hour       // how long a pair's failures are remembered after the last one
	knownMemory = 730 * 24 * time.Hour // how long an address is known to an account after the last login: longer than any session
	reservation = 30 * time.Second     // how long a try may be under way; beyond it, its instance has crashed
)

// Policies of a [Quota].
const (
	loginPolicy  = "login"
	signUpPolicy = "signup"
)

// rule is what follows from the failures that one throttle counts.
type rule struct {
	quota     Quota
	longest   time.Duration                              // that a try is ever refused for
	until     func(t Throttle, last time.Time) time.Time // when the next try is allowed, after the failure at last
	forgotten func(t Throttle) time.Time                 // when the failures count no more
}

// pairRule lets FreeTries failures of one account and address pass, and then has each one wait twice as long as the one
// before. The failures are forgotten together, [pairMemory] after the last one.
func (l Limits) pairRule() rule {
	return rule{
		quota:     Quota{loginPolicy, l.FreeTries, pairMemory},
		longest:   l.MaxWait,
		until:     func(t Throttle, last time.Time) time.Time { return last.Add(l.wait(t.Failures)) },
		forgotten: func(t Throttle) time.Time { return t.Until.Add(pairMemory - l.wait(t.Failures)) },
	}
}

// wait returns how long a pair must wait after the last of so many failures.
func (l Limits) wait(failures int64) time.Duration {
	if failures < l.FreeTries {
		return 0
	}
	wait := l.FirstWait
	for range failures - l.FreeTries {
		if wait > l.MaxWait/2 {
			return l.MaxWait
		}
		wait *= 2
	}
	return wait
}

func (l Limits) addressRule() rule {
	return windowRule(Quota{loginPolicy, l.PerAddress, l.AddressWindow})
}
func (l Limits) accountRule() rule {
	return windowRule(Quota{loginPolicy, l.PerAccount, l.AccountWindow})
}
func (l Limits) signUpRule() rule { return windowRule(Quota{signUpPolicy, l.SignUps, l.SignUpWindow}) }

// windowRule lets q.Limit failures pass in a window that begins with the first one, and then none until it is over.
func windowRule(q Quota) rule {
	end := func(t Throttle) time.Time { return t.Since.Add(q.Window) }
	return rule{
		quota:   q,
		longest: q.Window,
		until: func(t Throttle, _ time.Time) time.Time {
			if t.Failures < q.Limit {
				return time.Time{}
			}
			return end(t)
		},
		forgotten: end,
	}
}

// verdict is what a throttle says of one more try. The zero value lets it pass.
type verdict struct {
	wait    time.Duration // above zero: it is refused for so long
	crowded bool          // it may pass once another try is over
	quota   Quota
}

func (r rule) judge(t Throttle, now time.Time) verdict {
	wait := min(t.Until.Sub(now), r.longest) // the store's clock may have been set back
	return verdict{max(wait, 0), t.Reserved >= max(r.quota.Limit-t.Failures, 1), r.quota}
}

// worse returns the verdict that keeps a try out for longer.
func (v verdict) worse(w verdict) verdict {
	if w.wait > v.wait || w.wait == v.wait && w.crowded && !v.crowded {
		return w
	}
	return v
}

// age brings a throttle up to now: it forgets, and takes what was reserved too long ago for failures.
func (r rule) age(t *Throttle, now time.Time) {
	if t.Reserved > 0 && now.Sub(t.ReservedAt) >= reservation {
		abandoned := t.Reserved
		t.Reserved = 0
		r.fail(t, abandoned, t.ReservedAt)
	}
	r.forget(t, now)
}

func (r rule) forget(t *Throttle, now time.Time) {
	if t.Failures > 0 && !now.Before(r.forgotten(*t)) {
		t.clear()
	}
}

// fail counts n failures at a time.
func (r rule) fail(t *Throttle, n int64, at time.Time) {
	r.forget(t, at)
	if t.Failures == 0 {
		t.Since = at
	}
	t.Failures += n
	t.Until = r.until(*t, at)
	t.keep(r.forgotten(*t))
}

// reserve counts a try whose outcome is not known yet.
func (r rule) reserve(t *Throttle, now time.Time) {
	t.Reserved++
	t.ReservedAt = now
	// For as long as it would count if it were never settled.
	t.keep(now.Add(reservation + max(r.quota.Window, r.longest)))
}

// keep keeps a throttle at least until a time.
func (t *Throttle) keep(until time.Time) {
	if until.After(t.ExpiresAt) {
		t.ExpiresAt = until
	}
}

// clear forgets the failures.
func (t *Throttle) clear() { t.Failures, t.Since, t.Until = 0, time.Time{}, time.Time{} }
