package domain_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
	"example.com/postern/domain/throttle"
)

func TestSweep(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, caller := w.enter(t)
	w.enterAgain(t)
	require.NoError(t, w.sessions.End(t.Context(), caller, caller.SessionID))
	sweep := func() int { return sweepAll(t, w.store, w.clock) }
	swept := sweep()
	require.Positive(t, swept, "of the throttles of the logins, only the one for the known address stays")
	require.Zero(t, sweep())

	w.clock.Advance(domain.MaxTokenLife + time.Minute - time.Microsecond)
	isEnded := func() bool {
		ends, err := w.store.Sessions().EndedAfter(t.Context(), domain.SessionEnd{}, 10)
		require.NoError(t, err)
		return slices.ContainsFunc(ends, func(end domain.SessionEnd) bool { return end.SessionID == caller.SessionID })
	}
	sweep()
	require.True(t, isEnded(), "an access token may still be valid")
	w.clock.Advance(time.Microsecond)
	require.Equal(t, 1, sweep())
	require.False(t, isEnded())

	w.clock.Advance(idle)
	require.Equal(t, 2, sweep(), "the other session has expired, and so has the token that confirms the address")
	w.clock.Advance(730 * 24 * time.Hour)
	require.Equal(t, 1, sweep(), "the address is no longer known")

	require.NoError(t, w.store.Users().Delete(t.Context(), caller.UserID, w.clock.Now()))
	require.Positive(t, sweep())
	require.Zero(t, sweep())
}

// sweepAll removes all dead rows, and returns their number.
func sweepAll(t *testing.T, store domain.Store, clock domain.Clock) (total int) {
	t.Helper()
	for _, sweeper := range domain.Sweepers(store, clock) {
		n, err := sweeper.Sweep(t.Context())
		require.NoError(t, err, sweeper.Name)
		total += n
	}
	return total
}

func TestASweepContinuesUntilNothingIsLeftOrItsContextEnds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	user := w.register(t, ada)
	hash := w.credential(t).PasswordHash
	for i := range 1001 {
		s := domain.NewSession{ID: domain.SessionID(fmt.Sprint(i)), UserID: user.ID, PasswordHash: hash, ExpiresAt: w.clock.Now()}
		require.NoError(t, w.store.Sessions().Insert(t.Context(), s))
	}
	ended, end := context.WithCancel(t.Context())
	end()
	sessions := domain.Sweepers(w.store, w.clock)[0]
	n, err := sessions.Sweep(ended)
	require.ErrorIs(t, err, context.Canceled)
	require.Zero(t, n)
	n, err = sessions.Sweep(t.Context())
	require.NoError(t, err)
	require.Equal(t, 1001, n)
}

// TestSweepRemovesThrottlesOfEarlierVersions matters because earlier versions stored an unkeyed hash of addresses, which can be
// reversed by guessing.
func TestSweepRemovesThrottlesOfEarlierVersions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ids := []string{"known:o4CdEm7RHVFvBBcFVcJHE6h4JSTiMPYFmg2FCg3cVMc", "pair:o4CdEm7RHVFvBBcFVcJHE6h4JSTiMPYFmg2FCg3cVMc"}
	require.NoError(t, w.store.Throttles().Change(t.Context(), ids, func(ts []throttle.Counter) {
		for i := range ts {
			ts[i].ExpiresAt = w.clock.Now().Add(time.Hour)
		}
	}))
	require.Equal(t, 1, sweepAll(t, w.store, w.clock), "the others expire soon")
}

// heavy is a store whose purge fails, or is slow, for large batches.
type heavy struct {
	domain.Store
	domain.UserRepository
	left, most int
	slow       time.Duration // how long a row takes
	step       error         // the error of a step that always fails, beside other steps
	asked      []int
}

func (h *heavy) Users() domain.UserRepository { return h }

var errTooMany = errors.New("too many rows")

func (h *heavy) Purge(_ context.Context, limit int) (int, error) {
	h.asked = append(h.asked, limit)
	if limit > h.most {
		return 0, errTooMany
	}
	n := min(limit, h.left)
	time.Sleep(time.Duration(n) * h.slow) // fake time
	h.left -= n
	return n, h.step
}

const purge = "deleted accounts and posts"

func purger(s domain.Store) *domain.Sweeper {
	sweepers := domain.Sweepers(s, realClock{})
	return sweepers[slices.IndexFunc(sweepers, func(sweeper *domain.Sweeper) bool { return sweeper.Name == purge })]
}

func TestABatchThatFailsIsTriedWithFewerRows(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := &heavy{Store: newWorld(t).store, left: 40, most: 7}
		n, err := purger(h).Sweep(t.Context())
		require.ErrorIs(t, err, errTooMany, "the failure is reported although smaller batches succeeded")
		require.ErrorContains(t, err, "deleted accounts and posts, 100 rows at a time")
		require.Equal(t, 40, n)
		require.Equal(t, []int{100, 50, 25, 12, 6}, h.asked[:5])
	})
}

func TestAPurgeContinuesWhileOneOfItsStepsFails(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := &heavy{Store: newWorld(t).store, left: 1000, most: 500, step: errTooMany}
		n, err := purger(h).Sweep(t.Context())
		require.ErrorIs(t, err, errTooMany)
		require.Equal(t, 1000, n)
		require.Equal(t, 1, h.asked[len(h.asked)-1], "the last batch has one row")
	})
}

// busy is a store with many logins: whenever throttles are deleted, others have expired and some are in use.
type busy struct {
	domain.Store
	throttle.Repository
	calls int
}

func (b *busy) Throttles() throttle.Repository { return b }

func (b *busy) DeleteExpired(_ context.Context, _ time.Time, limit int) (int, error) {
	b.calls++
	return min(limit, 101), nil
}

func TestASweepOfExpiringRowsEndsWithABatchThatIsNotFull(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := &busy{Store: newWorld(t).store}
		n, err := domain.Sweepers(b, realClock{})[2].Sweep(t.Context())
		require.NoError(t, err)
		require.Equal(t, 100+101, n)
		require.Equal(t, 2, b.calls)
	})
}

func TestABatchThatFailsWithOneRowIsAFailure(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := &heavy{Store: newWorld(t).store, left: 40}
		sweeper := purger(h)
		_, err := sweeper.Sweep(t.Context())
		require.ErrorIs(t, err, errTooMany)
		require.ErrorContains(t, err, "deleted accounts and posts, 100 rows at a time")
		require.Equal(t, []int{100, 50, 25, 12, 6, 3, 1}, h.asked)
		_, err = sweeper.Sweep(t.Context())
		require.ErrorIs(t, err, errTooMany)
		require.Len(t, h.asked, 8, "the next run starts with a small batch")
		h.most = 500
		n, err := sweeper.Sweep(t.Context())
		require.NoError(t, err)
		require.Equal(t, 40, n)
		require.Equal(t, []int{1, 2, 3, 4, 6, 8, 11}, h.asked[8:15], "batches grow again")
	})
}

func TestABatchThatTakesLongDoesNotGrow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := &heavy{Store: newWorld(t).store, left: 5000, most: 500, slow: time.Millisecond}
		begun := time.Now()
		_, err := purger(h).Sweep(t.Context())
		require.NoError(t, err)
		for _, limit := range h.asked {
			require.Equal(t, 100, limit, "batches do not grow at a millisecond a row")
		}
		require.GreaterOrEqual(t, time.Since(begun), 10*time.Second, "half of the time is left to others")
	})
}

func TestAFailingSweeperDoesNotStopOthers(t *testing.T) {
	t.Parallel()
	h := &heavy{Store: newWorld(t).store}
	for _, sweeper := range domain.Sweepers(h, realClock{}) {
		_, err := sweeper.Sweep(t.Context())
		require.Equal(t, sweeper.Name == purge, err != nil, sweeper.Name)
	}
}

// backlog is a store with posts to index.
type backlog struct {
	domain.Store
	domain.PostRepository
	left *int
}

func (b backlog) Posts() domain.PostRepository { return b }

func (b backlog) Index(_ context.Context, limit int) (int, error) {
	n := min(limit, *b.left)
	*b.left -= n
	return n, nil
}

func TestIndexPostsContinuesUntilNothingIsLeft(t *testing.T) {
	t.Parallel()
	left := 1001
	n, err := domain.IndexPosts(t.Context(), backlog{left: &left})
	require.NoError(t, err)
	require.Equal(t, 1001, n)
	require.Zero(t, left)
}
