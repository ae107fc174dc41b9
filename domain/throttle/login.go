package throttle

import "time"

// The positions of a login's counters. A network is known to an account for [knownMemory] after the last login. For a known
// network only the rule of the pair applies. So nobody in another network can lock the owner out. Somebody in the same network
// can, because both use the same pair.
const (
	pairIndex = iota
	knownIndex
	addressIndex
	accountIndex
)

// outcome is the outcome of a try.
type outcome int

const (
	undecided outcome = iota // the client learned nothing about the password
	failed
	succeeded
)

// indexedRule is a rule and the position of the counter that it uses.
type indexedRule struct {
	index int
	rule
}

// loginRules returns the rules for a login. Whether the network is known is decided once, when the try is reserved.
func (l Limits) loginRules(known bool) []indexedRule {
	if known {
		return []indexedRule{{pairIndex, l.pairRule()}}
	}
	return []indexedRule{{pairIndex, l.pairRule()}, {addressIndex, l.addressRule()}, {accountIndex, l.accountRule()}}
}

// admit reserves a try if every rule allows it, and otherwise leaves the counters as they are.
func (l Limits) admit(counters []Counter, now time.Time) (known bool, v verdict) {
	known = now.Before(counters[knownIndex].ExpiresAt)
	rules := l.loginRules(known)
	for _, r := range rules {
		c := counters[r.index]
		r.age(&c, now)
		v = v.worse(r.judge(c, now))
	}
	if v.wait > 0 || v.pending {
		return known, v
	}
	for _, r := range rules {
		r.age(&counters[r.index], now)
		r.reserve(&counters[r.index], now)
	}
	return known, v
}

// settle counts the outcome of a reserved try.
func (l Limits) settle(counters []Counter, known bool, o outcome, now time.Time) {
	for _, r := range l.loginRules(known) {
		c := &counters[r.index]
		r.age(c, now)
		c.Reserved = max(c.Reserved-1, 0)
		switch {
		case o == failed:
			r.fail(c, 1, now)
		case o == succeeded && r.index == pairIndex:
			c.reset()
		}
		if c.Failures == 0 && c.Reserved == 0 {
			c.ExpiresAt = now
		}
	}
	if o == succeeded {
		counters[knownIndex].Since, counters[knownIndex].ExpiresAt = now, now.Add(knownMemory)
	}
}
