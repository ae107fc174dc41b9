package password

import (
	"slices"

	"example.com/postern/domain"
)

// queue is a bounded queue in which networks take turns, so that a network with many calls does not delay the others. While
// no other network waits, one network may fill it. It is not safe for concurrent use.
type queue struct {
	capacity int              // the number of calls that may wait
	hashes   int              // the number of them that may be calls of Hash
	waiters  []*waiter        // by arrival
	networks []domain.Network // those with waiters, by turn
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

// add appends a waiter. If it is the only one of its network, the network's turn comes after that of all others. add reports
// whether there was room. If the queue is full, it may make room by refusing a waiter of the network that has the most.
func (q *queue) add(w *waiter) bool {
	if w.hash && !q.makeRoom(w.network, q.hashes, func(other *waiter) bool { return other.hash }) {
		return false
	}
	if !q.makeRoom(w.network, q.capacity, func(*waiter) bool { return true }) {
		return false
	}
	if !q.has(w.network) {
		q.networks = append(q.networks, w.network)
	}
	q.waiters = append(q.waiters, w)
	return true
}

// makeRoom reports whether one more waiter fits below the limit, among those for which counts is true. At the limit, the
// network with the most such waiters, the newcomer included, loses its newest one.
func (q *queue) makeRoom(newcomer domain.Network, limit int, counts func(*waiter) bool) bool {
	total := 0
	byNetwork := map[domain.Network]int{newcomer: 1}
	for _, w := range q.waiters {
		if counts(w) {
			total++
			byNetwork[w.network]++
		}
	}
	if total < limit {
		return true
	}
	most := newcomer
	for _, network := range q.networks {
		if byNetwork[network] > byNetwork[most] {
			most = network
		}
	}
	if most == newcomer {
		return false
	}
	for _, w := range slices.Backward(q.waiters) {
		if w.network == most && counts(w) {
			w.result <- domain.ErrHasherBusy
			return q.remove(w)
		}
	}
	return false
}

// next removes and returns the waiter whose turn it is. It returns nil if the queue is empty.
func (q *queue) next() *waiter {
	if len(q.waiters) == 0 {
		return nil
	}
	network := q.networks[0]
	w := q.waiters[slices.IndexFunc(q.waiters, func(w *waiter) bool { return w.network == network })]
	q.remove(w)
	if q.has(network) {
		q.networks = append(q.networks[1:], network)
	}
	return w
}

// remove removes a waiter. It reports whether the waiter was in the queue.
func (q *queue) remove(w *waiter) bool {
	i := slices.Index(q.waiters, w)
	if i < 0 {
		return false
	}
	q.waiters = slices.Delete(q.waiters, i, i+1)
	if !q.has(w.network) {
		q.networks = slices.DeleteFunc(q.networks, func(n domain.Network) bool { return n == w.network })
	}
	return true
}

// has reports whether a call of a network waits.
func (q *queue) has(network domain.Network) bool {
	return slices.ContainsFunc(q.waiters, func(w *waiter) bool { return w.network == network })
}
