package domain

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"example.com/postern/domain/revocation"
	"example.com/postern/domain/throttle"
)

// Repositories are the parts of a store that can be changed together in a transaction.
type Repositories interface {
	Users() UserRepository
	Posts() PostRepository
	Sessions() SessionRepository
	Idempotency() IdempotencyRepository
	Actions() ActionRepository
	EmailTokens() EmailTokenRepository
	Outbox() OutboxRepository

	// Epoch returns the store's epoch.
	Epoch(ctx context.Context) (Epoch, error)
}

// Store keeps the data. Each call made directly on its repositories stands alone, and is durable when it returns nil.
//
// Every method returns [ErrStoreUnavailable], wrapped, if the store does not answer in time, and the context's error if ctx
// ends first. A statement that has begun may finish although ctx was cancelled, and then returns its result. A failed write
// that may have happened returns [ErrOutcomeUnknown], wrapped. If an error is the context's, the outcome of a write is unknown.
// domaintest.TestStore tests the promises of Store and its repositories; every implementation passes it.
type Store interface {
	Repositories
	Throttles() throttle.Repository
	Votes() VoteRepository

	// Now returns the time of the clock that all instances on this store share, in UTC and whole microseconds. Instances
	// use it for every time that they must agree on.
	Now(ctx context.Context) (time.Time, error)

	// NewEpoch starts a new epoch. It deletes all sessions, e-mail tokens and the mails of the outbox, makes the id sequences
	// skip more than [EpochIDStep] ids, sets a new random ID that is not First, and records the action. It returns
	// [ErrNoIDsLeft] if an id would exceed [MaxID]. If it fails, the epoch is unchanged, but some sessions and mails may be
	// gone.
	NewEpoch(ctx context.Context, action OperatorAction) (Epoch, error)

	// EndEverySession is like NewEpoch, but keeps the mails and tokens, and skips no ids. It returns how many sessions it
	// deleted.
	EndEverySession(ctx context.Context, action OperatorAction) (int, error)

	// InTx runs fn in a transaction. It commits if fn returns nil. It rolls back if fn panics or returns an error, which
	// InTx returns unchanged. Two transactions that read and then write the same row never both act on the old row. The
	// store may run fn again after losing a race, so fn must have no effect except through tx. tx must not be used after fn
	// has returned.
	InTx(ctx context.Context, fn func(tx Repositories) error) error

	// ReadTx runs fn once, with repositories that show the store as it was at the first read. It returns fn's error unchanged.
	// Methods that write fail. fn may take long: the end of ctx also ends the transaction, and reads then fail. Meanwhile the
	// store keeps old data and a connection, so callers limit how many run and for how long.
	ReadTx(ctx context.Context, fn func(tx Repositories) error) error
}

// Clock is this instance's clock.
type Clock interface {
	// Now returns the wall clock's time, in UTC and whole microseconds. It may jump when somebody sets the clock.
	Now() time.Time

	// Elapsed returns the time since a fixed moment in the past. It never goes back, but may stand still while the machine
	// sleeps.
	Elapsed() time.Duration
}

// Epoch identifies one continuous history of a store. A store that was restored from a backup, or lost writes in a failover,
// has forgotten which sessions ended and which ids it used. It gets a new epoch (see [Store.NewEpoch]), and the tokens of
// earlier epochs become invalid.
type Epoch = revocation.Epoch

// NewEpochID returns a new random ID of an epoch.
func NewEpochID() string { return rand.Text() }

// EpochIDStep is how many ids a new epoch skips: more than a lost history can have used.
const EpochIDStep = 1_000_000_000

// ErrNoIDsLeft is returned by [Store.NewEpoch] if a table would run out of ids.
var ErrNoIDsLeft = errors.New("a table has too few ids left for a new epoch")
