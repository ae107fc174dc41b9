package domain

import (
	"context"
	"sync"
	"time"
)

// shareSize is how many changes of throttles a network makes at once on an instance. The changes of one network wait for each
// other's rows in the store anyway, so a small share costs it nothing, and others find the store's connections free.
const shareSize = 4

// sharePatience is how long a change waits for a place in its network's share.
const sharePatience = 2 * time.Second

// shares bounds what each network does at once. The zero value is ready.
type shares struct {
	mu sync.Mutex
	of map[Network]*share
}

type share struct {
	places chan struct{}
	users  int // those who have a place or wait for one
}

// take waits for a place in the network's share, first come, first served. The caller gives it back by calling leave. If that
// takes too long it returns [ErrHasherBusy].
func (s *shares) take(ctx context.Context, n Network) (leave func(), err error) {
	own := s.join(n)
	timeout := time.NewTimer(sharePatience)
	defer timeout.Stop()
	select {
	case own.places <- struct{}{}:
		return func() { <-own.places; s.part(n, own) }, nil
	case <-timeout.C:
		err = ErrHasherBusy
	case <-ctx.Done():
		err = ctx.Err()
	}
	s.part(n, own)
	return nil, err
}

func (s *shares) join(n Network) *share {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.of == nil {
		s.of = map[Network]*share{}
	}
	own := s.of[n]
	if own == nil {
		own = &share{places: make(chan struct{}, shareSize)}
		s.of[n] = own
	}
	own.users++
	return own
}

// part forgets a share that nobody uses any more.
func (s *shares) part(n Network, own *share) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if own.users--; own.users == 0 {
		delete(s.of, n)
	}
}
