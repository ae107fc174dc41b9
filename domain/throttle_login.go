package domain

import "time"

// The throttles of a login, in the order of their identifiers. An address is known to an account for [knownMemory] after the
// last login. At a known address only the pair counts, so nobody at another address can keep the owner out of it. Others at
// the same address can: they share the owner's pair.
const (
	ofPair = iota
	ofKnown
	ofAddress
	ofAccount
)

// outcome is the outcome of a try.
type outcome int

const (
	undecided outcome = iota // nobody learned anything from it
	failed
	succeeded
)

// counted is a rule that a try is held to, and the place of the throttle that it is about.
type counted struct {
	at int
	rule
}

// counting returns the rules that a try is held to. Whether the address is known is decided once for each try, when it is
// reserved.
func (l Limits) counting(known bool) []counted {
	if known {
		return []counted{{ofPair, l.pairRule()}}
	}
	return []counted{{ofPair, l.pairRule()}, {ofAddress, l.addressRule()}, {ofAccount, l.accountRule()}}
}

// admit reserves a try if every rule lets it pass, and otherwise leaves the throttles as they are.
func (l Limits) admit(t []Throttle, now time.Time) (known bool, v verdict) {
	known = now.Before(t[ofKnown].ExpiresAt)
	rules := l.counting(known)
	for _, r := range rules {
		throttle := t[r.at]
		r.age(&throttle, now)
		v = v.worse(r.judge(throttle, now))
	}
	if v.wait > 0 || v.crowded {
		return known, v
	}
	for _, r := range rules {
		r.age(&t[r.at], now)
		r.reserve(&t[r.at], now)
	}
	return known, v
}

// settle says what became of a try that was reserved.
func (l Limits) settle(t []Throttle, known bool, o outcome, now time.Time) {
	for _, r := range l.counting(known) {
		throttle := &t[r.at]
		r.age(throttle, now)
		throttle.Reserved = max(throttle.Reserved-1, 0)
		switch {
		case o == failed:
			r.fail(throttle, 1, now)
		case o == succeeded && r.at == ofPair:
			throttle.clear()
		}
		if throttle.Failures == 0 && throttle.Reserved == 0 {
			throttle.ExpiresAt = now
		}
	}
	if o == succeeded {
		t[ofKnown].Since, t[ofKnown].ExpiresAt = now, now.Add(knownMemory)
	}
}
