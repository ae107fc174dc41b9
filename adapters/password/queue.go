package password

import (
	"slices"

	"example.com/postern/domain"
)

// queue is a bounded queue in which networks take turns, so that one that sends many calls does not hold up the others. One
// network alone may fill it. It is not safe for concurrent use.
type queue struct {
	capacity int     // how many calls may wait
	hashes   int     // how many of them may be calls of Hash
	lines    []*line // the network whose turn is next comes first; no line is empty
}

// line holds the waiting calls of one network, the oldest first.
type line struct {
	network domain.Network
	waiters []*waiter
}

// waiter is one waiting call.
type waiter struct {
	network domain.Network
	hash    bool       // whether it is a call of Hash
	result  chan error // receives nil when the call may work, or the reason why it may not; holds one value
}

func newWaiter(from domain.Network, hash bool) *waiter {
	return &waiter{from, hash, make(chan error, 1)}
}

// add puts a waiter in the line of its network, and reports whether there was room. It makes room by refusing another
// waiter when that is fair.
func (q *queue) add(w *waiter) bool {
	if w.hash && !q.makeRoom(w.network, q.hashes, func(other *waiter) bool { return other.hash }) {
		return false
	}
	if !q.makeRoom(w.network, q.capacity, func(*waiter) bool { return true }) {
		return false
	}
	i := q.lineOf(w.network)
	if i < 0 {
		i = len(q.lines)
		q.lines = append(q.lines, &line{network: w.network})
	}
	q.lines[i].waiters = append(q.lines[i].waiters, w)
	return true
}

// makeRoom reports whether one more of the waiters that count has room below the limit. At the limit, the network that has
// the most of them, the newcomer included, gives up its newest.
func (q *queue) makeRoom(newcomer domain.Network, limit int, counts func(*waiter) bool) bool {
	total, own, most := 0, 1, 0
	var longest *line
	for _, l := range q.lines {
		n := l.count(counts)
		total += n
		if l.network == newcomer {
			own += n
		} else if n > most {
			longest, most = l, n
		}
	}
	if total < limit {
		return true
	}
	if most <= own {
		return false
	}
	longest.refuseNewest(counts)
	return true
}

// next removes and returns the waiter whose turn it is, or nil if nobody waits.
func (q *queue) next() *waiter {
	if len(q.lines) == 0 {
		return nil
	}
	first := q.lines[0]
	w := first.waiters[0]
	first.waiters = first.waiters[1:]
	q.lines = q.lines[1:]
	if len(first.waiters) > 0 {
		q.lines = append(q.lines, first)
	}
	return w
}

// remove takes a waiter out, and reports whether it was still waiting.
func (q *queue) remove(w *waiter) bool {
	at := q.lineOf(w.network)
	if at < 0 {
		return false
	}
	l := q.lines[at]
	i := slices.Index(l.waiters, w)
	if i < 0 {
		return false
	}
	l.waiters = slices.Delete(l.waiters, i, i+1)
	if len(l.waiters) == 0 {
		q.lines = slices.Delete(q.lines, at, at+1)
	}
	return true
}

func (q *queue) lineOf(n domain.Network) int {
	return slices.IndexFunc(q.lines, func(l *line) bool { return l.network == n })
}

func (l *line) count(counts func(*waiter) bool) (n int) {
	for _, w := range l.waiters {
		if counts(w) {
			n++
		}
	}
	return n
}

// refuseNewest refuses the newest waiter that counts.
func (l *line) refuseNewest(counts func(*waiter) bool) {
	for i, w := range slices.Backward(l.waiters) {
		if counts(w) {
			l.waiters = slices.Delete(l.waiters, i, i+1)
			w.result <- domain.ErrHasherBusy
			return
		}
	}
}
