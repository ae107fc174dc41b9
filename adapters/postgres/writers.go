package postgres

import "context"

// sparedConns are the connections that writes leave to reads. A write may have to wait for a lock; those that wait for one that
// is held for long would take every connection, and keep out what waits for nothing: reads, and whoever asks whether we can
// serve.
const sparedConns = 2

// writers returns the places for the writes, transactions among them, that may have a connection at once.
func (o Options) writers() chan struct{} { return make(chan struct{}, max(1, o.MaxConns-sparedConns)) }

// enter waits for the place of a writer, as long as it would for a connection. Whoever has one gives it back by leave, after
// its connection.
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
	return unavailable("too many writes are under way, and none ended in time")
}

func (s *Store) leave() { <-s.writers }
