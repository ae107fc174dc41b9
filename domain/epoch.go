package domain

import (
	"crypto/rand"
	"errors"
)

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
