package domain

import "sync"

// crowdSize is how many tries may wait for others on an instance; more are refused at once.
const crowdSize = 200

// crowd counts the tries that wait for others. The zero value is ready.
type crowd struct {
	mu    sync.Mutex
	total int
	of    map[Network]int
}

// enter reports whether one more try from the network may wait. A network may have as many waiting as there are places left,
// so that one alone gets half of them, and the next one always finds some.
func (c *crowd) enter(n Network) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.of[n] >= crowdSize-c.total {
		return false
	}
	if c.of == nil {
		c.of = map[Network]int{}
	}
	c.of[n]++
	c.total++
	return true
}

// leave is called by those who entered.
func (c *crowd) leave(n Network) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.total--
	if c.of[n]--; c.of[n] == 0 {
		delete(c.of, n)
	}
}
