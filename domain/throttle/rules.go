package throttle

import "time"

const (
	pairMemory     = 24 * time.Hour       // how long the failures of a pair are remembered after the last one
	knownMemory    = 730 * 24 * time.Hour // how long a network is known after the last login: longer than any session
	reservationAge = 30 * time.Second     // how long a try may take; after that, its instance is assumed to have crashed
)

// Policies of a [Quota].
const (
	loginPolicy  = "login"
	signUpPolicy = "signup"
	mailPolicy   = "mail"
	writesPolicy = "writes"
)

// rule decides when the next try is allowed after a number of failures.
type rule struct {
	quota     Quota
	longest   time.Duration                             // the longest wait
	until     func(c Counter, last time.Time) time.Time // when the next try is allowed, after a failure at last
	forgotten func(c Counter) time.Time                 // when the failures stop counting
}

// pairRule allows FreeTries failures per pair of account and network. After that, each wait is twice as long as the one
// before. The failures are forgotten together, [pairMemory] after the last one.
func (l Limits) pairRule() rule {
	return rule{
		quota:     Quota{loginPolicy, l.FreeTries, pairMemory},
		longest:   l.MaxWait,
		until:     func(c Counter, last time.Time) time.Time { return last.Add(l.wait(c.Failures)) },
		forgotten: func(c Counter) time.Time { return c.Until.Add(pairMemory - l.wait(c.Failures)) },
	}
}

// wait returns how long a pair must wait after so many failures.
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

// mailRule limits the mails of one kind to one address.
func (l Limits) mailRule() rule {
	return windowRule(Quota{mailPolicy, l.MailsPerAccount, l.MailWindow})
}

// windowRule allows q.Limit failures in a window that begins with the first one.
func windowRule(q Quota) rule {
	end := func(c Counter) time.Time { return c.Since.Add(q.Window) }
	return rule{
		quota:   q,
		longest: q.Window,
		until: func(c Counter, _ time.Time) time.Time {
			if c.Failures < q.Limit {
				return time.Time{}
			}
			return end(c)
		},
		forgotten: end,
	}
}

// verdict says whether one more try is allowed. The zero value allows it.
type verdict struct {
	wait    time.Duration // above zero if the try is refused
	pending bool          // the try may be allowed when another try has ended
	quota   Quota
}

// refusal returns a [*LimitError] if the try is refused.
func (v verdict) refusal() error {
	if v.wait > 0 {
		return &LimitError{Quota: v.quota, Wait: v.wait}
	}
	return nil
}

// worse returns the verdict with the longer wait.
func (v verdict) worse(w verdict) verdict {
	if w.wait > v.wait || w.wait == v.wait && w.pending && !v.pending {
		return w
	}
	return v
}

// judge returns the verdict of all rules, each for its counter, on one more try. It leaves the counters as they are.
func judge(rules []rule, counters []Counter, now time.Time) (v verdict) {
	for i, r := range rules {
		c := counters[i]
		r.age(&c, now)
		v = v.worse(r.judge(c, now))
	}
	return v
}

// judge returns the verdict of the rule on one more try.
func (r rule) judge(c Counter, now time.Time) verdict {
	wait := min(c.Until.Sub(now), r.longest) // the store's clock may have been set back
	return verdict{max(wait, 0), c.Reserved >= max(r.quota.Limit-c.Failures, 1), r.quota}
}

// age brings a counter up to date: tries that were reserved too long ago become failures, and old failures are forgotten.
func (r rule) age(c *Counter, now time.Time) {
	if c.Reserved > 0 && now.Sub(c.ReservedAt) >= reservationAge {
		abandoned := c.Reserved
		c.Reserved = 0
		r.fail(c, abandoned, c.ReservedAt)
	}
	r.forget(c, now)
}

func (r rule) forget(c *Counter, now time.Time) {
	if c.Failures > 0 && !now.Before(r.forgotten(*c)) {
		c.reset()
	}
}

// fail counts n failures.
func (r rule) fail(c *Counter, n int64, at time.Time) {
	r.forget(c, at)
	if c.Failures == 0 {
		c.Since = at
	}
	c.Failures += n
	c.Until = r.until(*c, at)
	c.extend(r.forgotten(*c))
}

// reserve counts a try whose outcome is not known yet. The counter lives as long as it would if the try became a failure.
func (r rule) reserve(c *Counter, now time.Time) {
	c.Reserved++
	c.ReservedAt = now
	c.extend(now.Add(reservationAge + max(r.quota.Window, r.longest)))
}
