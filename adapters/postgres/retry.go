package postgres

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"

	"example.com/postern/domain"
)

// outcome is the result of an attempt. It decides whether to run again.
type outcome int

const (
	final   outcome = iota // it succeeded or failed, and running it again would not help
	undone                 // it lost a race, and the server rolled it back
	lost                   // the connection was lost, but running it again does no harm
	unknown                // the connection was lost, and it may have been committed
)

// judge returns the outcome of a statement and translates its error: into the context's error if the caller's context
// ended, and into [domain.ErrStoreUnavailable] if a later attempt may succeed. It keeps all other errors.
func (s *Store) judge(ctx context.Context, conn *pgx.Conn, err error) (outcome, error) {
	state := sqlState(err)
	switch {
	case isAnswer(err):
		return final, err
	case isCutShort(err) && ctx.Err() != nil:
		return final, ctx.Err()
	case state == queryCanceled:
		return final, unavailable("the statement took too long and was cancelled")
	case isCutShort(err):
		return unknown, unavailable("the database did not answer in time") // pgx has closed the connection
	case state == idleInTransactionTimeout:
		return final, unavailable("the transaction took too long and was undone")
	}
	err = s.options.hinted(plain(err))
	temporary := fmt.Errorf("%w: %w", domain.ErrStoreUnavailable, err)
	switch {
	case state == readOnlyTransaction:
		s.expire(conn)
		hangUp(conn) // the server is no longer the primary
		return undone, temporary
	case state == serializationFailure || state == deadlockDetected:
		return undone, temporary
	case state == lockNotAvailable:
		return final, temporary // it has already waited for LockTimeout
	case state == statementOutcomeUnknown:
		return unknown, temporary
	case conn.IsClosed():
		// pgconn.SafeToRetry is no help: it is true for a COMMIT that was sent but not answered.
		s.expire(conn)
		return unknown, temporary
	case isTransient(state):
		return final, temporary
	}
	return final, err
}

// hangUp closes a connection at once, without telling the server.
func hangUp(conn *pgx.Conn) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_ = conn.Close(ctx)
}

// The bounds of the wait before a new attempt.
const (
	minBackoff = 2 * time.Millisecond
	maxBackoff = 64 * time.Millisecond
)

// rerun calls attempt until its outcome is final or unknown. After lost races it tries again until StatementTimeout has
// passed, and after the first lost connection once more.
func (s *Store) rerun(ctx context.Context, attempt func() (outcome, error)) error {
	until, losses := time.Now().Add(s.options.StatementTimeout), 0
	for backoff := minBackoff; ; backoff = min(2*backoff, maxBackoff) {
		o, err := attempt()
		switch {
		case o == unknown:
			return fmt.Errorf("%w: %w", domain.ErrOutcomeUnknown, err)
		case o == lost && losses == 0 && time.Now().Before(until):
			losses++
		case o == undone && time.Now().Before(until):
			if err := backOff(ctx, backoff); err != nil {
				return err
			}
		default:
			return err
		}
	}
}

// backOff waits for a random time, so that transactions that met once do not meet again.
func backOff(ctx context.Context, longest time.Duration) error { return sleep(ctx, rand.N(longest)) }

// sleep waits for d, or until ctx ends, and then returns its error.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
