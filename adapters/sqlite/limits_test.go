package sqlite

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/adapters/sqlite/internal/litedb"
	"example.com/postern/domain"
)

func TestLongTransactionIsRolledBack(t *testing.T) {
	t.Parallel()
	l := oneGroup()
	l.txTimeout = 50 * time.Millisecond
	s := newStoreWith(t, l)
	next := make(chan error, 1)
	err := s.InTx(t.Context(), func(tx domain.Repositories) error {
		_, err := insertUser(t.Context(), tx, "ada@example.org")
		require.NoError(t, err)
		go func() { next <- insert(s, "bob@example.org")() }()
		require.NoError(t, <-next) // it runs although this function has not ended
		return nil
	})
	require.ErrorIs(t, err, domain.ErrStoreUnavailable)
	require.False(t, exists(t, s, "ada@example.org"))
	require.True(t, exists(t, s, "bob@example.org"))
}

func TestWaitForTheWriterIsBounded(t *testing.T) {
	t.Parallel()
	l := oneGroup()
	l.queueSize = 1
	s := newStoreWith(t, l)
	release, held := holdUp(t, s)
	s.writer.limits.queueTimeout = 50 * time.Millisecond
	answers := make(chan error, 3)
	for _, email := range []domain.Email{"ada@example.org", "bob@example.org", "cyd@example.org"} {
		go func() { answers <- insert(s, email)() }() // one waits in the queue, and the others wait to enter it
	}
	for range cap(answers) {
		require.ErrorIs(t, <-answers, domain.ErrStoreUnavailable)
	}
	release()
	require.NoError(t, <-held)
	s.writer.limits.queueTimeout = l.queueTimeout
	require.NoError(t, insert(s, "dan@example.org")())
	require.Equal(t, 1, countRows(t, s, "users"))
}

func TestWaitForAReadingConnectionIsBounded(t *testing.T) {
	t.Parallel()
	l := defaultLimits()
	l.readers, l.queueTimeout = 1, 50*time.Millisecond
	s := newStoreWith(t, l)
	s.slots <- struct{}{}
	_, err := s.Users().ByID(t.Context(), 1)
	require.ErrorIs(t, err, domain.ErrStoreUnavailable)
	<-s.slots
	_, err = s.Users().ByID(t.Context(), 1)
	require.ErrorIs(t, err, domain.ErrUserNotFound)
}

func TestContextEndRollsBackTheTransaction(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	ctx, cancel := context.WithCancel(t.Context())
	err := s.InTx(ctx, func(tx domain.Repositories) error {
		_, err := insertUser(ctx, tx, "ada@example.org")
		cancel()
		return err
	})
	require.ErrorIs(t, err, context.Canceled)
	require.NoError(t, insert(s, "bob@example.org")()) // a committed transaction would be visible after this commit
	require.False(t, exists(t, s, "ada@example.org"))
}

func TestStatementsOfAGroupAreNeverInterrupted(t *testing.T) {
	t.Parallel()
	s := newStore(t)
	require.NoError(t, s.write(t.Context(), func(ctx context.Context, _ *litedb.Queries) error {
		require.Nil(t, ctx.Done())
		return nil
	}))
}

// The caller of a write that has begun learns its outcome, even if its context ends before the commit.
func TestAWriteThatHasBegunIsAnsweredWithItsOutcome(t *testing.T) {
	t.Parallel()
	s := newStoreWith(t, oneGroup())
	ctx, cancel := context.WithCancel(t.Context())
	running, finish := make(chan struct{}), make(chan struct{})
	release, held := holdUp(t, s)
	answers := queued(t, s,
		func() error { _, err := insertUser(ctx, s, "ada@example.org"); return err },
		func() error {
			return s.InTx(context.Background(), func(domain.Repositories) error {
				close(running)
				<-finish
				return nil
			})
		})
	release()
	<-running
	cancel()
	require.Empty(t, answers[0], "the commit is still to come")
	close(finish)
	require.NoError(t, <-answers[0])
	require.NoError(t, <-answers[1])
	require.NoError(t, <-held)
	require.True(t, exists(t, s, "ada@example.org"))
}

func TestAGroupIsBounded(t *testing.T) {
	t.Parallel()
	few, short := oneGroup(), oneGroup()
	few.groupSize, short.groupTime = 2, 0
	for name, l := range map[string]limits{"in number": few, "in time": short} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStoreWith(t, l)
			running, finish := make(chan struct{}), make(chan struct{})
			release, held := holdUp(t, s)
			answers := queued(t, s, insert(s, "ada@example.org"), func() error {
				return s.InTx(context.Background(), func(domain.Repositories) error {
					close(running)
					<-finish
					return nil
				})
			})
			release()
			<-running // in a later group
			require.NoError(t, <-held)
			require.NoError(t, <-answers[0])
			require.Empty(t, answers[1])
			close(finish)
			require.NoError(t, <-answers[1])
		})
	}
}

func TestCloseWaitsForRunningCallsAndRejectsOthers(t *testing.T) {
	t.Parallel()
	s, err := Open(t.Context(), t.TempDir()+"/postern.db", Options{})
	require.NoError(t, err)
	release, held := holdUp(t, s)
	closed := make(chan error, 1)
	go func() { closed <- s.Close() }()
	<-s.closed
	release()
	require.NoError(t, <-held)
	require.NoError(t, <-closed)

	_, readErr := s.Users().ByID(t.Context(), 1)
	for name, err := range map[string]error{
		"read": readErr, "write": insert(s, "ada@example.org")(), "ping": s.Ping(t.Context()),
		"tx": s.InTx(t.Context(), func(domain.Repositories) error { return errors.New("it ran") }),
	} {
		require.ErrorIs(t, err, domain.ErrStoreUnavailable, name)
		require.ErrorIs(t, err, errClosed, name) // at once, not after queueTimeout
	}
}
