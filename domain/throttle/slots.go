package throttle

import "sync"

// Slots limits how many tries of all networks run at once. A nil Slots has no limit. It is safe for concurrent use.
type Slots struct {
	size int

	mu        sync.Mutex
	total     int
	byNetwork map[string]int
}

// NewSlots returns the given number of slots, or nil if size is not positive.
func NewSlots(size int) *Slots {
	if size <= 0 {
		return nil
	}
	return &Slots{size: size, byNetwork: map[string]int{}}
}

// Acquire takes a slot for a network, and reports whether there was one. A network gets a slot only while it has fewer
// than are free. So one network gets at most half of the slots, and the next network always finds one.
func (s *Slots) Acquire(network string) bool {
	if s == nil {
		return true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byNetwork[network] >= s.size-s.total {
		return false
	}
	s.byNetwork[network]++
	s.total++
	return true
}

// Release gives a slot back. It must be called once for each call of Acquire that reported true.
func (s *Slots) Release(network string) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.total--
	if s.byNetwork[network]--; s.byNetwork[network] == 0 {
		delete(s.byNetwork, network)
	}
}
