package sqlite

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
)

// oneGroup returns limits with which all waiting writes share one commit, even on a slow machine.
func oneGroup() limits {
	l := defaultLimits()
	l.groupTime, l.txTimeout, l.queueTimeout = time.Minute, time.Minute, time.Minute
	return l
}

// queued starts writes one after the other while the writer is blocked, so that they wait in this order. It returns the channels
// for their errors.
func queued(t *testing.T, s *Store, writes ...func() error) []chan error {
	t.Helper()
	var answers []chan error
	for _, write := range writes {
		waiting, answer := len(s.writer.queue), make(chan error, 1)
		go func() {
			returned := false
			defer func() {
				if value := recover(); value != nil || !returned {
					answer <- fmt.Errorf("panic: %v", value)
				}
			}()
			err := write()
			returned = true
			answer <- err
		}()
		require.Eventually(t, func() bool { return len(s.writer.queue) > waiting }, 20*time.Second, time.Millisecond)
		answers = append(answers, answer)
	}
	return answers
}

// holdUp blocks the writer with a transaction that changes nothing, the first of its group, until release is called. ended
// receives the transaction's error.
func holdUp(t *testing.T, s *Store) (release func(), ended chan error) {
	t.Helper()
	held, released, answer := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		answer <- s.InTx(context.Background(), func(domain.Repositories) error {
			close(held)
			<-released
			return nil
		})
	}()
	release = sync.OnceFunc(func() { close(released) })
	t.Cleanup(release)
	select {
	case <-held:
	case err := <-answer:
		require.NoError(t, err)
	}
	return release, answer
}

func insert(s *Store, email domain.Email) func() error {
	return func() error {
		_, err := insertUser(context.Background(), s, email)
		return err
	}
}

// exists reports whether a reader finds the user.
func exists(t *testing.T, s *Store, email domain.Email) bool {
	t.Helper()
	_, err := s.Users().Credential(t.Context(), email)
	if !errors.Is(err, domain.ErrUserNotFound) {
		require.NoError(t, err)
	}
	return err == nil
}

func TestFailedWritesDoNotAffectTheirGroup(t *testing.T) {
	t.Parallel()
	s := newStoreWith(t, oneGroup())
	boom := errors.New("boom")
	inTx := func(email domain.Email, end func() error) func() error {
		return func() error {
			return s.InTx(context.Background(), func(tx domain.Repositories) error {
				if _, err := insertUser(context.Background(), tx, email); err != nil {
					return err
				}
				return end()
			})
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	release, held := holdUp(t, s)
	answers := queued(t, s,
		insert(s, "ada@example.org"),
		inTx("fails@example.org", func() error { return boom }),
		insert(s, "ADA@example.org"),
		inTx("panics@example.org", func() error { panic(boom) }),
		inTx("bob@example.org", func() error { return nil }),
		inTx("exits@example.org", func() error { runtime.Goexit(); return nil }),
		func() error {
			_, err := s.Posts().Insert(context.Background(), domain.NewPost{OwnerID: 999, Title: "t", Content: "c", CreatedAt: moment})
			return err
		},
		func() error { _, err := insertUser(ctx, s, "withdrawn@example.org"); return err },
		func() error {
			return s.InTx(context.Background(), func(tx domain.Repositories) error {
				cancelled, cancel := context.WithCancel(context.Background())
				cancel()
				_, err := insertUser(cancelled, tx, "cancelled@example.org")
				return err
			})
		},
		insert(s, "cyd@example.org"),
	)
	cancel()
	require.ErrorIs(t, <-answers[7], context.Canceled)
	release()
	require.NoError(t, <-held)
	for i, want := range map[int]error{
		0: nil, 1: boom, 2: domain.ErrEmailTaken, 4: nil, 6: domain.ErrUserNotFound, 8: context.Canceled, 9: nil,
	} {
		require.ErrorIs(t, <-answers[i], want, "write %d", i)
	}
	require.EqualError(t, <-answers[3], "panic: boom")
	require.EqualError(t, <-answers[5], "panic: <nil>")
	for _, email := range []domain.Email{"ada@example.org", "bob@example.org", "cyd@example.org"} {
		require.True(t, exists(t, s, email), email)
	}
	require.Equal(t, 3, countRows(t, s, "users"))
}

func TestWritesAreAnsweredAfterTheCommit(t *testing.T) {
	t.Parallel()
	s := newStoreWith(t, oneGroup())
	running, finish := make(chan struct{}), make(chan struct{})
	release, held := holdUp(t, s)
	answers := queued(t, s, insert(s, "ada@example.org"), func() error {
		return s.InTx(context.Background(), func(tx domain.Repositories) error {
			close(running)
			<-finish
			_, err := insertUser(context.Background(), tx, "bob@example.org")
			return err
		})
	})
	release()
	<-running // the first write has run, in the same transaction
	require.Empty(t, held)
	require.Empty(t, answers[0])
	require.False(t, exists(t, s, "ada@example.org"))
	close(finish)
	for _, answer := range answers {
		require.NoError(t, <-answer)
	}
	require.NoError(t, <-held)
	require.True(t, exists(t, s, "ada@example.org"))
}
