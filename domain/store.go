package domain

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"example.com/postern/domain/throttle"
)

// Repositories is what is kept and may be changed together.
type Repositories interface {
	Users() UserRepository
	Posts() PostRepository
	Sessions() SessionRepository
	Idempotency() IdempotencyRepository

	// Epoch returns the store's epoch.
	Epoch(ctx context.Context) (Epoch, error)
}

// Store is whatever keeps the data. Used directly, each call stands alone and is kept when it returns nil.
//
// Every method returns [ErrStoreUnavailable], wrapped, when the store does not answer in time, and the context's error when
// ctx ends first. A write that may have been done all the same returns [ErrOutcomeUnknown] too, wrapped; of one whose context
// ended, the outcome is never known. The promises of Store and its
// repositories are cases of domaintest.TestStore, which every implementation passes.
type Store interface {
	Repositories
	Throttles() throttle.Repository
	Votes() VoteRepository

	// Now tells the time by the one clock that all instances on this store share: UTC, whole microseconds. What two instances
	// must agree on is decided by it.
	Now(ctx context.Context) (time.Time, error)

	// NewEpoch gives the store a new epoch, all at once: a fresh random ID, which is not First, no sessions, and in every table
	// whose ids the store makes, a next id that is more than [EpochIDStep] higher than the last one. It returns [ErrNoIDsLeft] if
	// that would pass [MaxID]. If it fails, some sessions may be gone.
	NewEpoch(ctx context.Context) (Epoch, error)

	// InTx makes many calls one: all of it is kept if fn returns nil, none of it if fn returns an error, which InTx returns
	// as it is, or panics, which InTx passes on. Two of them that read and then write the same thing never both act on what
	// the other replaced. The store may run fn again after losing a race, so fn has no effect except through tx; tx is of
	// no use after fn.
	InTx(ctx context.Context, fn func(tx Repositories) error) error
}

// Clock is this process's own clock. It has two hands, because either can be wrong in its own way.
type Clock interface {
	// Now returns the wall clock's time: UTC, whole microseconds. It may jump forward or back when somebody sets the clock.
	Now() time.Time

	// Elapsed returns the time since a fixed moment in the past. It never goes back, but may stand still while the machine
	// sleeps.
	Elapsed() time.Duration
}

// Epoch identifies one continuous history of a store. A store that was restored from a backup, or lost writes in a failover, has
// forgotten sessions that it ended and ids that it gave out. It then gets a new epoch (see [Store.NewEpoch]), and tokens of
// earlier ones open nothing.
type Epoch struct {
	ID string // 128 random bits, as text

	// First reports whether the store had users before epochs were introduced, and has not got a new one since. Tokens that name
	// no epoch are still good then.
	First bool
}

// NewEpochID returns a fresh random id of an epoch.
func NewEpochID() string { return rand.Text() }

// Accepts reports whether a token that names the epoch id, or none if id is empty, belongs to this history.
func (e Epoch) Accepts(id string) bool { return id == e.ID || id == "" && e.First }

// EpochIDStep is how far a new epoch moves every id sequence forward: further than a lost history can have moved it.
const EpochIDStep = 1_000_000_000

// ErrNoIDsLeft says that a new epoch would leave a table without ids to give out.
var ErrNoIDsLeft = errors.New("a table has too few ids left for a new epoch")
