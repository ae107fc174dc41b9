package domain_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
)

func TestSweep(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, caller := w.enter(t)
	w.enterAgain(t)
	require.NoError(t, w.sessions.End(t.Context(), caller, caller.SessionID))
	sweep := func() int {
		n, err := domain.Sweep(t.Context(), w.store, w.clock)
		require.NoError(t, err)
		return n
	}
	swept := sweep()
	require.Positive(t, swept, "the throttles of the logins, of which only that the address is known stays")
	require.Zero(t, sweep())

	w.clock.Advance(domain.MaxTokenLife + time.Minute - time.Microsecond)
	isEnded := func() bool {
		ended, err := w.store.Sessions().IsEnded(t.Context(), caller.SessionID)
		require.NoError(t, err)
		return ended
	}
	sweep()
	require.True(t, isEnded(), "an access token may still be good")
	w.clock.Advance(time.Microsecond)
	require.Equal(t, 1, sweep())
	require.False(t, isEnded())

	w.clock.Advance(idle)
	require.Equal(t, 1, sweep(), "the other session has expired")
	w.clock.Advance(730 * 24 * time.Hour)
	require.Equal(t, 1, sweep(), "the address is not known any more")

	require.NoError(t, w.store.Users().Delete(t.Context(), caller.UserID, w.clock.Now()))
	require.Equal(t, 1, sweep())
	require.Zero(t, sweep())
}

func TestSweepGoesOnUntilNothingIsLeftOrItsTimeIsOver(t *testing.T) {
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
	n, err := domain.Sweep(ended, w.store, w.clock)
	require.ErrorIs(t, err, context.Canceled)
	require.Zero(t, n)
	n, err = domain.Sweep(t.Context(), w.store, w.clock)
	require.NoError(t, err)
	require.Equal(t, 1001, n)
}

// faulty is a store some of whose steps fail.
type faulty struct {
	domain.Store
	err error
}

type faultySessions struct {
	domain.SessionRepository
	err error
}

func (s faulty) Sessions() domain.SessionRepository { return faultySessions{s.Store.Sessions(), s.err} }

func (s faultySessions) DeleteExpired(context.Context, time.Time, int) (int, error) { return 0, s.err }

func TestSweepTriesEveryStep(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	user := w.register(t, ada)
	require.NoError(t, w.store.Users().Delete(t.Context(), user.ID, w.clock.Now()))
	boom := errors.New("boom")
	n, err := domain.Sweep(t.Context(), faulty{w.store, boom}, w.clock)
	require.ErrorIs(t, err, boom)
	require.ErrorContains(t, err, "sweep sessions")
	require.Positive(t, n)
	_, err = w.store.Users().CredentialByID(t.Context(), user.ID)
	require.ErrorIs(t, err, domain.ErrUserNotFound)
	n, err = domain.Sweep(t.Context(), w.store, w.clock)
	require.NoError(t, err)
	require.Zero(t, n, "the account was purged although the sessions were not")
}

// lateUsers end the sweep's time while they are purged.
type lateUsers struct {
	domain.UserRepository
	end context.CancelFunc
}

func (u lateUsers) Purge(ctx context.Context, _ int) (int, error) { u.end(); return 0, ctx.Err() }

type late struct {
	faulty
	end context.CancelFunc
}

func (s late) Users() domain.UserRepository { return lateUsers{s.faulty.Users(), s.end} }

func TestATimeThatIsOverHidesNoFailure(t *testing.T) {
	t.Parallel()
	boom := errors.New("boom")
	ctx, end := context.WithCancel(t.Context())
	w := newWorld(t)
	_, err := domain.Sweep(ctx, late{faulty{w.store, boom}, end}, w.clock)
	require.ErrorIs(t, err, boom)
	require.NotErrorIs(t, err, context.Canceled)
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

func TestIndexPostsGoesOnUntilNothingIsLeft(t *testing.T) {
	t.Parallel()
	left := 1001
	n, err := domain.IndexPosts(t.Context(), backlog{left: &left})
	require.NoError(t, err)
	require.Equal(t, 1001, n)
	require.Zero(t, left)
}
