package throttle

import "time"

// The positions of a login's counters. The last one says whether the network is known to the account: it is, for [knownMemory]
// after its last login.
const (
	pairIndex = iota
	addressIndex
	accountIndex
	knownIndex
)

// outcome is the outcome of a try.
type outcome int

const (
	undecided outcome = iota // the client learned nothing about the password
	failed
	succeeded
)

// loginRules returns the rules for the first counters of a login. Whether the network is known is decided once, when the try
// is reserved. For a known network only the rule of the pair applies, so nobody in another network can lock the owner out.
// Somebody in the same network can, because both use the same pair.
func (l Limits) loginRules(known bool) []rule {
	if known {
		return []rule{l.pairRule()}
	}
	return []rule{
		l.pairRule(),
		windowRule(Quota{loginPolicy, l.PerAddress, l.AddressWindow}),
		windowRule(Quota{loginPolicy, l.PerAccount, l.AccountWindow}),
	}
}

// admit reserves a try if every rule allows it, and otherwise leaves the counters as they are.
func (l Limits) admit(counters []Counter, now time.Time) (known bool, v verdict) {
	known = now.Before(counters[knownIndex].ExpiresAt)
	rules := l.loginRules(known)
	v = judge(rules, counters, now)
	if v.wait > 0 || v.pending {
		return known, v
	}
	for i, r := range rules {
		r.age(&counters[i], now)
		r.reserve(&counters[i], now)
	}
	return known, v
}

// settle counts the outcome of a reserved try.
func (l Limits) settle(counters []Counter, known bool, o outcome, now time.Time) {
	for i, r := range l.loginRules(known) {
		c := &counters[i]
		r.age(c, now)
		c.Reserved = max(c.Reserved-1, 0)
		switch {
		case o == failed:
			r.fail(c, 1, now)
		case o == succeeded && i == pairIndex:
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
