package domain_test

import (
	"context"
	"fmt"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
)

// end records the ends of n sessions.
func (w *world) end(t *testing.T, n int) {
	t.Helper()
	w.endAt(t, n, w.clock.Now())
}

func (w *world) endAt(t *testing.T, n int, at time.Time) {
	t.Helper()
	for range n {
		id := domain.NewSessionID()
		known := w.credential(t)
		s := domain.NewSession{ID: id, UserID: known.UserID, PasswordHash: known.PasswordHash, CreatedAt: at, ExpiresAt: at.Add(idle)}
		require.NoError(t, w.store.Sessions().Insert(t.Context(), s))
		done, err := w.store.Sessions().End(t.Context(), known.UserID, id, at)
		require.NoError(t, err)
		require.True(t, done)
	}
}

// endElsewhere ends a session on another instance.
func (w *world) endElsewhere(t testing.TB, c domain.Caller) {
	t.Helper()
	require.NoError(t, w.another(t).sessions.End(t.Context(), c, c.SessionID))
}

// token returns a new access token of a session, which may have ended.
func (w *world) token(t testing.TB, c domain.Caller) string {
	t.Helper()
	now := w.clock.Now()
	token, err := w.tokens.Issue(t.Context(), domain.Claims{UserID: c.UserID, SessionID: c.SessionID, Epoch: w.epoch(t).ID, IssuedAt: now, ExpiresAt: now.Add(life)})
	require.NoError(t, err)
	return token
}

func (w *world) refusal(t testing.TB, tokens domain.Tokens) error {
	_, err := w.auth.Authenticate(t.Context(), tokens.Access)
	return err
}

func TestChecksReadNoStoreWhileTheListIsFresh(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		tokens, caller := w.enter(t)
		for range 40 {
			w.clock.Advance(250 * time.Millisecond)
			require.NoError(t, w.ended.Poll(t.Context()))
			require.NoError(t, w.refusal(t, tokens))
		}
		require.Zero(t, w.store.reads)
		w.endElsewhere(t, caller)
		require.NoError(t, w.refusal(t, tokens), "this instance does not know the end yet")
		require.NoError(t, w.ended.Poll(t.Context()))
		require.ErrorIs(t, w.refusal(t, tokens), domain.ErrBadToken)
		require.Zero(t, w.store.reads)
	})
}

func TestAStaleListReadsTheStore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		tokens, caller := w.enter(t)
		w.clock.Advance(time.Second)
		require.NoError(t, w.refusal(t, tokens))
		require.Zero(t, w.store.reads)
		require.Equal(t, time.Second, w.ended.Staleness())
		w.clock.Advance(time.Microsecond)
		require.NoError(t, w.refusal(t, tokens))
		require.Equal(t, 1, w.store.reads)
		w.endElsewhere(t, caller)
		require.ErrorIs(t, w.refusal(t, tokens), domain.ErrBadToken)
		require.Equal(t, 2, w.store.reads)

		w.store.failByID = domain.ErrStoreUnavailable
		require.ErrorIs(t, w.refusal(t, tokens), domain.ErrStoreUnavailable, "a token that cannot be checked is refused")
		w.store.failNow = domain.ErrStoreUnavailable
		require.ErrorIs(t, w.ended.Poll(t.Context()), domain.ErrStoreUnavailable)
		require.ErrorIs(t, w.refusal(t, tokens), domain.ErrStoreUnavailable, "a failed poll does not count")
		w.store.failNow = nil
		require.NoError(t, w.ended.Poll(t.Context()))
		require.ErrorIs(t, w.refusal(t, tokens), domain.ErrBadToken)
	})
}

func TestBeforeTheFirstLoadTheStoreIsRead(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	tokens, caller := w.enter(t)
	w.endElsewhere(t, caller)
	options := w.options()
	auth, err := domain.NewAuth(options)
	require.NoError(t, err)
	require.Equal(t, time.Duration(math.MaxInt64), options.Revocations.Staleness())
	_, err = auth.Authenticate(t.Context(), tokens.Access)
	require.ErrorIs(t, err, domain.ErrBadToken)
	require.Equal(t, 1, w.store.reads)

	w.clock.Advance(time.Hour / 2)
	require.NoError(t, options.Revocations.Poll(t.Context()))
	require.Equal(t, 1, options.Revocations.Len(), "the first poll is a load")
}

// realClock is a clock that shows the fake time of synctest.
type realClock struct{}

func (realClock) Now() time.Time         { return time.Now().UTC() }
func (realClock) Elapsed() time.Duration { return time.Since(time.Unix(0, 0)) }

// slowStore is a store that returns pages of ends slowly.
type slowStore struct {
	domain.Store
	takes time.Duration
	busy  int
}

func (s *slowStore) Sessions() domain.SessionRepository { return slowSessions{s.Store.Sessions(), s} }

type slowSessions struct {
	domain.SessionRepository
	slow *slowStore
}

func (s slowSessions) EndedAfter(ctx context.Context, after domain.SessionEnd, limit int) ([]domain.SessionEnd, error) {
	if s.slow.busy++; s.slow.busy > 1 {
		return nil, fmt.Errorf("two polls at a time")
	}
	defer func() { s.slow.busy-- }()
	select {
	case <-time.After(s.slow.takes):
		return s.SessionRepository.EndedAfter(ctx, after, limit)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func TestStalenessCountsFromTheStartOfAPoll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		slow := &slowStore{Store: w.store, takes: 400 * time.Millisecond}
		follower := domain.NewRevocations(slow, realClock{})
		require.NoError(t, follower.Load(t.Context()))
		require.Equal(t, 400*time.Millisecond, follower.Staleness())

		slow.takes = time.Hour
		began := time.Now()
		require.ErrorIs(t, follower.Poll(t.Context()), context.DeadlineExceeded)
		require.Equal(t, time.Second, time.Since(began))
		require.Equal(t, 1400*time.Millisecond, follower.Staleness())
	})
}

func TestOnePollAtATime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		slow := &slowStore{Store: w.store, takes: 400 * time.Millisecond}
		follower := domain.NewRevocations(slow, realClock{})
		require.NoError(t, follower.Load(t.Context()))
		errs := parallel(3, func(int) error { return follower.Poll(t.Context()) })
		failed := 0
		for _, err := range errs {
			if err != nil {
				require.ErrorIs(t, err, context.DeadlineExceeded, "the third does not get its turn in time")
				failed++
			}
		}
		require.Equal(t, 1, failed)
	})
}

// TestAPollReadsTwoMinutesAgain matters because commits are not in the order of their times. A page may end between two ends
// of the same time.
func TestAPollReadsTwoMinutesAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.register(t, ada)
	w.end(t, 1001)
	require.NoError(t, w.ended.Poll(t.Context()))
	require.Equal(t, 1001, w.ended.Len())
	w.endAt(t, 1, w.clock.Now().Add(-120*time.Second+time.Microsecond))
	require.NoError(t, w.ended.Poll(t.Context()))
	require.Equal(t, 1002, w.ended.Len())
	w.endAt(t, 1, w.clock.Now().Add(-time.Hour))
	require.NoError(t, w.ended.Poll(t.Context()))
	require.Equal(t, 1002, w.ended.Len())
	require.NoError(t, w.ended.Load(t.Context()))
	require.Equal(t, 1003, w.ended.Len(), "a load reads everything")
}

func TestEndsAreForgottenWhenNoTokenCanOutliveThem(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		w.register(t, ada)
		w.end(t, 3)
		require.NoError(t, w.ended.Poll(t.Context()))
		w.clock.Advance(domain.MaxTokenLife + time.Minute)
		require.NoError(t, w.ended.Poll(t.Context()))
		require.Equal(t, 3, w.ended.Len())
		sweepAll(t, w.store, w.clock)
		w.clock.Advance(time.Minute)
		require.NoError(t, w.ended.Poll(t.Context()))
		require.Zero(t, w.ended.Len())
	})
}

func TestAFullListReadsTheStore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t)
		tokens, caller := w.enter(t)
		w.ended.Capacity = 10
		w.end(t, 10)
		require.NoError(t, w.ended.Poll(t.Context()))
		require.NoError(t, w.refusal(t, tokens))
		require.Zero(t, w.store.reads, "the list has room for all")

		w.clock.Advance(time.Microsecond)
		w.endElsewhere(t, caller)
		require.NoError(t, w.ended.Poll(t.Context()))
		require.Equal(t, 10, w.ended.Len())
		require.ErrorIs(t, w.refusal(t, tokens), domain.ErrBadToken)
		require.Equal(t, 1, w.store.reads)
		w.store.failByID = domain.ErrStoreUnavailable
		require.ErrorIs(t, w.refusal(t, tokens), domain.ErrStoreUnavailable)
		w.store.failByID = nil

		// 59 minutes later the ends still exist, and 62 minutes later they do not. Then memory is enough again, but only
		// after the whole table has been read.
		w.clock.Advance(59 * time.Minute)
		tokens.Access = w.token(t, caller)
		reads := w.store.reads
		require.NoError(t, w.ended.Poll(t.Context()))
		require.ErrorIs(t, w.refusal(t, tokens), domain.ErrBadToken)
		require.Equal(t, reads+1, w.store.reads)
		_, err := w.store.Sessions().DeleteEnds(t.Context(), w.clock.Now().Add(-59*time.Minute-time.Microsecond), 100)
		require.NoError(t, err)
		w.clock.Advance(3 * time.Minute)
		require.NoError(t, w.ended.Poll(t.Context()))
		require.Equal(t, 1, w.ended.Len())
		tokens.Access = w.token(t, caller)
		require.ErrorIs(t, w.refusal(t, tokens), domain.ErrBadToken)
		require.Equal(t, reads+1, w.store.reads)
	})
}
