package revocation

import (
	"context"
	"errors"
	"fmt"
)

// Errors of [List.Check].
var (
	ErrSessionEnded = errors.New("the session has ended")
	ErrEpochEnded   = errors.New("the token is from before the store was restored")
)

// Epoch identifies one continuous history of a store.
type Epoch struct {
	ID string // 128 random bits, as text

	// First is true if the store had users before epochs were introduced and has not had a new epoch since. Tokens that name
	// no epoch are then valid.
	First bool
}

// Accepts reports whether a token that names the epoch id, or no epoch if id is empty, belongs to this epoch.
func (e Epoch) Accepts(id string) bool { return id == e.ID || id == "" && e.First }

// maxOldEpochs is how many old epochs are remembered. Only the service's own tokens name one, so there are hardly ever more.
const maxOldEpochs = 100

// Check returns nil if the token's session is live and its epoch is the store's, and otherwise [ErrSessionEnded] or
// [ErrEpochEnded]. If only the store can decide and does not answer, Check returns the store's error.
func (l *List) Check(ctx context.Context, t Token) error {
	if err, certain := l.checkMemory(t); certain {
		return err
	}
	return l.checkStore(ctx, t)
}

// checkMemory checks a token by memory alone, and reports whether the answer is certain. It is not if memory is stale or
// incomplete, or if the token's epoch is unknown, because that epoch may be newer than the last poll.
func (l *List) checkMemory(t Token) (err error, certain bool) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	if _, ended := l.sessions[t.SessionID]; ended {
		return ErrSessionEnded, true
	}
	if l.overflowed != l.recovered || l.staleness() > maxStaleness {
		return nil, false
	}
	if l.last.epoch.Accepts(t.Epoch) {
		return nil, true
	}
	_, old := l.oldEpochs[t.Epoch]
	return ErrEpochEnded, old
}

// checkStore checks a token by the store. It reads the epoch last, so that a session from before a change of the epoch does
// not pass.
func (l *List) checkStore(ctx context.Context, t Token) error {
	live, err := l.store.HasSession(ctx, t)
	if err != nil {
		return fmt.Errorf("look up a token's session: %w", err)
	}
	epoch, err := l.store.Epoch(ctx)
	switch {
	case err != nil:
		return fmt.Errorf("look up a token's epoch: %w", err)
	case !epoch.Accepts(t.Epoch):
		l.rememberOldEpoch(t.Epoch)
		return ErrEpochEnded
	case !live:
		return ErrSessionEnded
	}
	return nil
}

// rememberOldEpoch makes later checks of tokens of an old epoch independent of the store.
func (l *List) rememberOldEpoch(epoch string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.oldEpochs) < maxOldEpochs {
		l.oldEpochs[epoch] = struct{}{}
	}
}
