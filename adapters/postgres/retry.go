package postgres

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"

	"example.com/postern/domain"
)

// decision says whether to run a statement or a transaction again.
type decision int

const (
	done           decision = iota // it succeeded, or failed for good
	retryLater                     // it lost a race, and the server rolled it back
	retryOnce                      // the connection was lost, and running it again is harmless
	unknownOutcome                 // the connection was lost, and it may have been committed
)

// classify decides whether to run a statement again, and translates its error: into the context's error if the caller's
// context ended, and into [domain.ErrStoreUnavailable] if a later attempt may succeed. It keeps all other errors.
func (s *Store) classify(ctx context.Context, conn *pgx.Conn, err error) (decision, error) {
	state := sqlState(err)
	switch {
	case isResult(err):
		return done, err
	case isInterrupted(err) && ctx.Err() != nil:
		return done, ctx.Err()
	case state == queryCanceled:
		return done, unavailable("the statement took too long and was cancelled")
	case isInterrupted(err):
		return unknownOutcome, unavailable("the database did not answer in time") // pgx has closed the connection
	case state == idleInTransactionTimeout:
		return done, unavailable("the transaction took too long and was rolled back")
	}
	err = s.options.withPoolerHint(safe(err))
	temporary := fmt.Errorf("%w: %w", domain.ErrStoreUnavailable, err)
	switch {
	case state == readOnlyTransaction:
		s.replaceConns(conn)
		closeNow(conn) // the server is no longer the primary
		return retryLater, temporary
	case state == serializationFailure || state == deadlockDetected:
		return retryLater, temporary
	case state == lockNotAvailable:
		return done, temporary // it has already waited for LockTimeout
	case state == statementOutcomeUnknown:
		return unknownOutcome, temporary
	case conn.IsClosed():
		// pgconn.SafeToRetry does not help: it is true for a COMMIT that was sent but not answered.
		s.replaceConns(conn)
		return unknownOutcome, temporary
	case isTransient(state):
		return done, temporary
	}
	return done, err
}

// closeNow closes a connection without telling the server.
func closeNow(conn *pgx.Conn) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_ = conn.Close(ctx)
}

// The bounds of the wait between attempts.
const (
	minBackoff = 2 * time.Millisecond
	maxBackoff = 64 * time.Millisecond
)

// withRetries calls try until it decides done or unknownOutcome. It calls it again after lost races until
// StatementTimeout has passed, and once after a lost connection.
func (s *Store) withRetries(ctx context.Context, try func() (decision, error)) error {
	deadline, reconnected := time.Now().Add(s.options.StatementTimeout), false
	for backoff := minBackoff; ; backoff = min(2*backoff, maxBackoff) {
		decision, err := try()
		switch {
		case decision == unknownOutcome:
			s.options.OutcomeUnknown()
			return fmt.Errorf("%w: %w", domain.ErrOutcomeUnknown, err)
		case decision == retryOnce && !reconnected && time.Now().Before(deadline):
			reconnected = true
		case decision == retryLater && time.Now().Before(deadline):
			// The wait is random, so that transactions that collided do not collide again.
			if err := sleep(ctx, rand.N(backoff)); err != nil {
				return err
			}
		default:
			return err
		}
		s.options.Retried()
	}
}
