package domain

import "sync"

// crowdSize is how many tries may wait for others on an instance; more are refused at once.
const crowdSize = 200

// crowd bounds how many tries of all networks do something at once. The zero value has the bound [crowdSize].
type crowd struct {
	size int // 0 means crowdSize

	mu    sync.Mutex
	total int
	of    map[Network]int
}

// enter reports whether one more try from the network may. A network may have as many places as there are left, so that one alone
// gets half of them, and the next one always finds some.
func (c *crowd) enter(n Network) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	size := c.size
	if size == 0 {
		size = crowdSize
	}
	if c.of[n] >= size-c.total {
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
