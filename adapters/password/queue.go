package password

import (
	"slices"

	"example.com/postern/domain"
)

// queue is a bounded queue in which networks take turns, so that a network with many calls does not delay the others. While
// no other network waits, one network may fill it. It is not safe for concurrent use.
type queue struct {
	capacity int     // the number of calls that may wait
	hashes   int     // the number of them that may be calls of Hash
	lines    []*line // ordered by turn; no line is empty
}

// line holds the waiting calls of one network, oldest first.
type line struct {
	network domain.Network
	waiters []*waiter
}

// waiter is one waiting call.
type waiter struct {
	network domain.Network
	hash    bool       // true for a call of Hash
	result  chan error // receives nil when the call may work, else the error; has a buffer of 1
}

func newWaiter(from domain.Network, hash bool) *waiter {
	return &waiter{from, hash, make(chan error, 1)}
}

// add appends a waiter to the line of its network. It reports whether there was room. If the queue is full, it may make room
// by refusing a waiter of the network that has the most.
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

// makeRoom reports whether one more waiter fits below the limit, among those for which counts is true. At the limit, the
// network with the most such waiters, the newcomer included, loses its newest one.
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

// next removes and returns the waiter whose turn it is. It returns nil if the queue is empty.
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

// remove removes a waiter. It reports whether the waiter was in the queue.
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

// refuseNewest refuses the newest waiter for which counts is true.
func (l *line) refuseNewest(counts func(*waiter) bool) {
	for i, w := range slices.Backward(l.waiters) {
		if counts(w) {
			l.waiters = slices.Delete(l.waiters, i, i+1)
			w.result <- domain.ErrHasherBusy
			return
		}
	}
}
