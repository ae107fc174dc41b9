package postgres

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"

	"example.com/postern/domain"
)

// outcome is what became of an attempt.
type outcome int

const (
	final   outcome = iota // it is done, or refused: trying again would change nothing
	undone                 // it lost a race, and the database has undone it
	lost                   // its connection is gone or was given up, but it may be done again without harm
	unknown                // its connection is gone or was given up, and nobody knows whether it was done
)

// judge tells what became of a statement, and makes its failure the caller's business: the context's error if it was cut short,
// [domain.ErrStoreUnavailable] if trying again may help. Anything else stays what it is.
func (s *Store) judge(ctx context.Context, conn *pgx.Conn, err error) (outcome, error) {
	state := sqlState(err)
	switch {
	case isAnswer(err):
		return final, err
	case isCutShort(err) && ctx.Err() != nil:
		return final, ctx.Err()
	case state == queryCanceled:
		return final, unavailable("the database took too long, and gave it up")
	case isCutShort(err):
		return unknown, unavailable("the database did not answer in time") // so the connection is closed, as by a loss
	case state == idleInTransactionTimeout:
		return final, unavailable("the transaction took too long and was undone")
	}
	err = s.options.hinted(plain(err))
	temporary := fmt.Errorf("%w: %w", domain.ErrStoreUnavailable, err)
	switch {
	case state == readOnlyTransaction:
		s.expire(conn)
		hangUp(conn) // what it leads to is no longer the primary
		return undone, temporary
	case state == serializationFailure || state == deadlockDetected:
		return undone, temporary
	case state == lockNotAvailable:
		return final, temporary // it has waited as long as it may
	case state == statementOutcomeUnknown:
		return unknown, temporary
	case conn.IsClosed():
		// Not even pgconn.SafeToRetry knows better: it says yes to a COMMIT that was sent and not answered.
		s.expire(conn)
		return unknown, temporary
	case isTransient(state):
		return final, temporary
	}
	return final, err
}

// hangUp closes a connection without a word, and without waiting for one.
func hangUp(conn *pgx.Conn) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_ = conn.Close(ctx)
}

// Bounds of running something again.
const (
	minBackoff = 2 * time.Millisecond
	maxBackoff = 64 * time.Millisecond
)

// rerun attempts something until its outcome is final or unknown: again and again for as long as a statement may take if it
// loses races, however many, and once more if its connection is lost before that time is over.
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

// backOff waits a random time up to that, so that those who lost to each other do not meet again.
func backOff(ctx context.Context, longest time.Duration) error { return sleep(ctx, rand.N(longest)) }

// sleep returns the context's error if it ends first.
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
