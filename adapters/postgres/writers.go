package postgres

import "context"

// reservedConns is the number of connections that are reserved for reads. Otherwise writes that wait for one lock could
// use all connections.
const reservedConns = 2

// newWriteSlots returns a semaphore for writes and transactions.
func (o Options) newWriteSlots() chan struct{} {
	return make(chan struct{}, max(1, o.MaxConns-reservedConns))
}

// beginWrite waits until a write may use a connection, for at most AcquireTimeout. The caller releases its connection
// first and then calls endWrite.
func (s *Store) beginWrite(ctx context.Context) error {
	bounded, cancel := context.WithTimeout(ctx, s.options.AcquireTimeout)
	defer cancel()
	select {
	case s.writeSlots <- struct{}{}:
		return nil
	case <-bounded.Done():
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return unavailable("too many writes are running")
}

func (s *Store) endWrite() { <-s.writeSlots }
