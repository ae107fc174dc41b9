package throttle

import (
	"context"
	"sync"
	"time"
)

// shareSize is how many changes of counters a network makes at once on an instance. The changes of one network wait for
// each other's rows in the store anyway, so a small share costs the network nothing, and others find the store's
// connections free.
const shareSize = 4

// shareWait is how long a change waits for a place in its network's share.
const shareWait = 2 * time.Second

// shares bounds how many changes each network makes at once. The zero value is ready to use.
type shares struct {
	mu        sync.Mutex
	byNetwork map[string]*share
}

type share struct {
	places chan struct{}
	users  int // how many have a place or wait for one
}

// take waits for a place in the network's share, first come, first served. The caller must call leave. It returns
// [ErrBusy] if the wait is too long, and the context's error if ctx ends first.
func (s *shares) take(ctx context.Context, network string) (leave func(), err error) {
	own := s.join(network)
	timeout := time.NewTimer(shareWait)
	defer timeout.Stop()
	select {
	case own.places <- struct{}{}:
		return func() { <-own.places; s.part(network, own) }, nil
	case <-timeout.C:
		err = ErrBusy
	case <-ctx.Done():
		err = ctx.Err()
	}
	s.part(network, own)
	return nil, err
}

func (s *shares) join(network string) *share {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.byNetwork == nil {
		s.byNetwork = map[string]*share{}
	}
	own := s.byNetwork[network]
	if own == nil {
		own = &share{places: make(chan struct{}, shareSize)}
		s.byNetwork[network] = own
	}
	own.users++
	return own
}

// part forgets a share that has no users left.
func (s *shares) part(network string, own *share) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if own.users--; own.users == 0 {
		delete(s.byNetwork, network)
	}
}
