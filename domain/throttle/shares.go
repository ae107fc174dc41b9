package throttle

import (
	"context"
	"sync"
	"time"
)

// shareSize is how many changes of counters a network may make at once on an instance. The changes of one network wait for each
// other's rows in the store anyway. So a small share does not slow the network down, and leaves connections to other networks.
const shareSize = 4

// shareWait is how long a change waits for a slot of its network's share.
const shareWait = 2 * time.Second

// shares limits how many changes each network makes at once. The zero value is ready to use.
type shares struct {
	mu        sync.Mutex
	byNetwork map[string]*share
}

type share struct {
	slots chan struct{}
	users int // the number of changes that have a slot or wait for one
}

// acquire waits for a slot of the network's share, first come, first served. The caller must call release. It returns [ErrBusy]
// if the wait is too long, and the context's error if ctx ends first.
func (s *shares) acquire(ctx context.Context, network string) (release func(), err error) {
	own := s.join(network)
	timeout := time.NewTimer(shareWait)
	defer timeout.Stop()
	select {
	case own.slots <- struct{}{}:
		return func() { <-own.slots; s.leave(network, own) }, nil
	case <-timeout.C:
		err = ErrBusy
	case <-ctx.Done():
		err = ctx.Err()
	}
	s.leave(network, own)
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
		own = &share{slots: make(chan struct{}, shareSize)}
		s.byNetwork[network] = own
	}
	own.users++
	return own
}

// leave removes a share that has no users left.
func (s *shares) leave(network string, own *share) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if own.users--; own.users == 0 {
		delete(s.byNetwork, network)
	}
}
