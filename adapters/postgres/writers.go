package postgres

import "context"

// sparedConns is how many connections are reserved for reads. Otherwise writes that wait for one lock could use up all
// connections.
const sparedConns = 2

// writers returns a semaphore for writes, which include transactions.
func (o Options) writers() chan struct{} { return make(chan struct{}, max(1, o.MaxConns-sparedConns)) }

// enter waits until a write may use a connection, for at most AcquireTimeout. The caller releases its connection first
// and then calls leave.
func (s *Store) enter(ctx context.Context) error {
	bounded, cancel := context.WithTimeout(ctx, s.options.AcquireTimeout)
	defer cancel()
	select {
	case s.writers <- struct{}{}:
		return nil
	case <-bounded.Done():
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return unavailable("too many writes are under way")
}

func (s *Store) leave() { <-s.writers }
