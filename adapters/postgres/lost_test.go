package postgres

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/adapters/postgres/pgtest"
	"example.com/postern/domain"
)

const countUsers = "SELECT count(*) FROM users"

// A write whose connection is lost must not run twice, nor be reported as successful.
func TestLostWriteIsNotRepeated(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		words    string // at which the proxy closes the connection
		answered bool   // the server has executed it by then
		write    func(ctx context.Context, s *Store, runs *int) error
	}{
		"commit never arrives": {"commit", false, insertInTx},
		"commit was made":      {"commit", true, insertInTx},
		"write never arrives":  {"ada@example.org", false, insertAlone},
		"write was made":       {"ada@example.org", true, insertAlone},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			database := pgtest.Migrated(t, Migrate)
			p, url := newProxy(t, database)
			s := openStore(t, url, Options{})
			p.cutAt(c.words, c.answered, 1)
			runs := 0
			err := c.write(t.Context(), s, &runs)
			require.ErrorIs(t, err, domain.ErrStoreUnavailable)
			require.ErrorIs(t, err, domain.ErrOutcomeUnknown)
			require.Equal(t, 1, runs)
			require.EqualValues(t, 1, p.cuts.Load())
			want := map[bool]int{false: 0, true: 1}[c.answered]
			require.Equal(t, want, ask[int](t, database, countUsers))
			require.NoError(t, s.Ping(t.Context()))
		})
	}
}

func insertInTx(ctx context.Context, s *Store, runs *int) error {
	return s.InTx(ctx, func(tx domain.Repositories) error {
		*runs++
		_, err := insertUser(ctx, tx, "ada@example.org")
		return err
	})
}

func insertAlone(ctx context.Context, s *Store, runs *int) error {
	*runs++ // the rows show whether the store ran it again
	_, err := insertUser(ctx, s, "ada@example.org")
	return err
}

func TestLostReadIsRepeatedOnce(t *testing.T) {
	t.Parallel()
	for times, want := range map[int32]error{1: domain.ErrUserNotFound, 2: domain.ErrStoreUnavailable} {
		p, url := newProxy(t, pgtest.Migrated(t, Migrate))
		s := openStore(t, url, Options{})
		p.cutAt("ada@example.org", true, times)
		_, err := s.Users().Credential(t.Context(), "ada@example.org")
		require.ErrorIs(t, err, want)
		require.Equal(t, times, p.cuts.Load())
	}
}

// A transaction that was not committed has no effect, so it may run again.
func TestTransactionLostBeforeItsCommitIsRepeatedOnce(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		losses int
		want   error
		users  int
	}{"once": {1, nil, 1}, "twice": {2, domain.ErrStoreUnavailable, 0}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := pgtest.Migrated(t, Migrate)
			s, runs := openStore(t, url, Options{}), 0
			err := s.InTx(t.Context(), func(tx domain.Repositories) error {
				runs++
				_, err := insertUser(t.Context(), tx, "ada@example.org")
				require.NoError(t, err)
				if runs <= c.losses {
					require.True(t, ask[bool](t, url, "SELECT pg_terminate_backend($1, 20000)", connOf(tx).PgConn().PID()))
				}
				_, err = tx.Users().Credential(t.Context(), "ada@example.org")
				return err
			})
			require.ErrorIs(t, err, c.want)
			require.Equal(t, 2, runs)
			require.Equal(t, c.users, ask[int](t, url, countUsers))
		})
	}
}

func TestLongTransactionIsRolledBack(t *testing.T) {
	t.Parallel()
	url := pgtest.Migrated(t, Migrate)
	s, runs := openStore(t, url, Options{IdleInTransactionTimeout: 100 * time.Millisecond}), 0
	err := s.InTx(t.Context(), func(tx domain.Repositories) error {
		runs++
		_, err := insertUser(t.Context(), tx, "ada@example.org")
		require.NoError(t, err)
		require.Eventually(t, func() bool {
			return ask[int](t, url, "SELECT count(*) FROM pg_stat_activity WHERE pid = $1", connOf(tx).PgConn().PID()) == 0
		}, patience, 10*time.Millisecond)
		return nil
	})
	require.ErrorIs(t, err, domain.ErrStoreUnavailable)
	require.ErrorContains(t, err, "took too long and was rolled back")
	require.Equal(t, 1, runs)
	require.Zero(t, ask[int](t, url, countUsers))
	require.NoError(t, s.Ping(t.Context()))
}

// A restart of the server ends all connections at once.
func TestAllConnectionsAreReplacedAfterOneIsLost(t *testing.T) {
	t.Parallel()
	url := pgtest.Migrated(t, Migrate)
	s := openStore(t, url, Options{MaxConns: 4 + reservedConns})
	held, release, ended := make(chan struct{}), make(chan struct{}), make(chan error, 4)
	for range cap(ended) {
		go func() {
			ended <- s.InTx(context.Background(), func(domain.Repositories) error {
				held <- struct{}{}
				<-release
				return nil
			})
		}()
	}
	for range cap(ended) {
		<-held
	}
	close(release)
	for range cap(ended) {
		require.NoError(t, <-ended)
	}
	require.EqualValues(t, 4, s.pool.Stat().IdleConns())
	ask[int](t, url, "SELECT count(pg_terminate_backend(pid, 20000)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
	for range 4 {
		_, err := s.Users().ByID(t.Context(), 1)
		require.ErrorIs(t, err, domain.ErrUserNotFound)
	}
	_, err := insertUser(t.Context(), s, "ada@example.org")
	require.NoError(t, err, "no dead connection is left for a write to find")
}

func TestCloseWaitsForRunningCallsAndRejectsOthers(t *testing.T) {
	t.Parallel()
	url := pgtest.Migrated(t, Migrate)
	s, err := Open(t.Context(), url, Options{SkipMigrations: true})
	require.NoError(t, err)
	held, release, ended, closed := make(chan struct{}), make(chan struct{}), make(chan error, 1), make(chan error, 1)
	go func() {
		ended <- s.InTx(context.Background(), func(tx domain.Repositories) error {
			close(held)
			<-release
			_, err := insertUser(context.Background(), tx, "ada@example.org")
			return err
		})
	}()
	<-held
	go func() { closed <- s.Close() }()
	require.Eventually(t, func() bool {
		return errors.Is(s.Ping(t.Context()), domain.ErrStoreUnavailable)
	}, patience, time.Millisecond)
	require.Empty(t, closed)
	close(release)
	require.NoError(t, <-ended)
	require.NoError(t, <-closed)
	require.Equal(t, 1, ask[int](t, url, countUsers))
	_, err = insertUser(t.Context(), s, "bob@example.org")
	require.ErrorIs(t, err, domain.ErrStoreUnavailable)
	require.ErrorIs(t, s.InTx(t.Context(), func(domain.Repositories) error { return nil }), domain.ErrStoreUnavailable)
}
