package postgres

import (
	"context"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"example.com/postern/adapters/postgres/pgtest"
	"example.com/postern/domain"
)

// lockTables locks the tables until release is called.
func lockTables(t *testing.T, url string) (release func()) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	_, err = conn.Exec(t.Context(), "BEGIN; LOCK TABLE users, posts IN ACCESS EXCLUSIVE MODE")
	require.NoError(t, err)
	return func() { require.NoError(t, conn.Close(context.Background())) }
}

// calls returns a read, a write and a transaction.
func calls(ctx context.Context, s *Store) map[string]func() error {
	return map[string]func() error{
		"read":  func() error { _, err := s.Users().Credential(ctx, "nobody@example.org"); return err },
		"write": func() error { _, err := insertUser(ctx, s, "ada@example.org"); return err },
		"tx": func() error {
			return s.InTx(ctx, func(tx domain.Repositories) error {
				_, err := insertUser(ctx, tx, "ada@example.org")
				return err
			})
		},
	}
}

// Each test sets one limit to a short time and the others to an hour, so only that limit can end the call.
const (
	short = 300 * time.Millisecond
	hour  = time.Hour
)

func TestStuckQueryEndsAtItsDeadline(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		options  Options
		patience time.Duration // the caller's
		want     error
	}{
		"the caller's":          {Options{StatementTimeout: hour, LockTimeout: hour}, short, context.DeadlineExceeded},
		"the caller's, pooler":  {Options{StatementTimeout: hour, LockTimeout: hour, Pooler: true}, short, context.DeadlineExceeded},
		"of statements":         {Options{StatementTimeout: short, LockTimeout: hour}, hour, domain.ErrStoreUnavailable},
		"of statements, pooler": {Options{StatementTimeout: short, LockTimeout: hour, Pooler: true}, hour, domain.ErrStoreUnavailable},
		"of locks":              {Options{StatementTimeout: hour, LockTimeout: short}, hour, domain.ErrStoreUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := pgtest.Migrated(t, Migrate)
			c.options.MaxConns = 2
			s := openStore(t, url, c.options)
			release := lockTables(t, url)
			for kind := range calls(t.Context(), s) {
				ctx, cancel := context.WithTimeout(t.Context(), c.patience)
				require.ErrorIs(t, calls(ctx, s)[kind](), c.want, kind)
				cancel()
			}
			release()
			require.Zero(t, ask[int](t, url, countUsers), "what was cut short was withdrawn")
			_, err := insertUser(t.Context(), s, "ada@example.org")
			require.NoError(t, err, "its connections are free again")
		})
	}
}

// A client that leaves costs no connection. A client that only closed its side gets its answer.
func TestAReadThatHasBegunIsFinishedWithoutItsCaller(t *testing.T) {
	t.Parallel()
	database := pgtest.Migrated(t, Migrate)
	s := openStore(t, database, Options{MaxConns: 1, LockTimeout: hour, StatementTimeout: hour})
	server := func() (pid int) {
		require.NoError(t, s.readConn(t.Context(), func(ctx context.Context, conn *pgx.Conn) error {
			return conn.QueryRow(ctx, "SELECT pg_backend_pid()").Scan(&pid)
		}))
		return pid
	}
	before := server()
	release := lockTables(t, database)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- calls(ctx, s)["read"]() }()
	require.Eventually(t, func() bool { return ask[int](t, database, waitingForLocks) == 1 }, patience, time.Millisecond)
	cancel()
	require.ErrorIs(t, calls(ctx, s)["read"](), context.Canceled, "a call that has not begun ends at once")
	release()
	require.ErrorIs(t, <-ended, domain.ErrUserNotFound)
	require.Equal(t, before, server(), "the connection is the same")
}

// A caller that retries must not collide with its first attempt.
func TestInterruptedWriteIsCancelledBeforeTheAnswer(t *testing.T) {
	t.Parallel()
	database := pgtest.Migrated(t, Migrate)
	p, url := newProxy(t, database)
	const cancelRequest = "\x04\xd2\x16\x2e" // its code in the protocol
	p.cutAt(cancelRequest, true, 1_000)
	s := openStore(t, url, Options{LockTimeout: hour, StatementTimeout: hour})
	release := lockTables(t, database)
	defer release()
	waiting := func(n int) func() bool {
		return func() bool { return ask[int](t, database, waitingForLocks) == n }
	}
	for i := range int32(3) {
		for j, kind := range []string{"write", "tx"} {
			require.Eventually(t, waiting(0), patience, time.Millisecond, "the attempt before")
			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan error)
			go func() { ended <- calls(ctx, s)[kind]() }()
			require.Eventually(t, waiting(1), patience, time.Millisecond)
			cancel()
			require.ErrorIs(t, <-ended, context.Canceled)
			require.Equal(t, 2*i+int32(j)+1, p.cuts.Load(), "requests to cancel that have reached the server")
		}
	}
}

// The server also cancels statements itself, because the client may be gone.
func TestServerEnforcesTheStatementTimeout(t *testing.T) {
	t.Parallel()
	s := newStore(t, Options{StatementTimeout: short})
	err := s.readConn(t.Context(), func(_ context.Context, conn *pgx.Conn) error {
		_, err := conn.Exec(context.Background(), "SELECT pg_sleep(60)")
		require.Equal(t, queryCanceled, sqlState(err))
		return err
	})
	require.ErrorIs(t, err, domain.ErrStoreUnavailable)
}

func TestWaitForAConnectionIsBounded(t *testing.T) {
	t.Parallel()
	s := newStore(t, Options{MaxConns: 1, AcquireTimeout: short, StatementTimeout: hour, LockTimeout: hour, IdleInTransactionTimeout: hour})
	held, release, ended := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		ended <- s.InTx(context.Background(), func(domain.Repositories) error {
			close(held)
			<-release
			return nil
		})
	}()
	<-held
	for kind, call := range calls(t.Context(), s) {
		require.ErrorIs(t, call(), domain.ErrStoreUnavailable, kind)
	}
	require.NoError(t, s.Ping(t.Context()), "it has a connection of its own")
	ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
	defer cancel()
	require.ErrorIs(t, calls(ctx, s)["read"](), context.DeadlineExceeded)
	close(release)
	require.NoError(t, <-ended)
	require.NoError(t, s.Ping(t.Context()))
}

// A server that hangs accepts connections and answers nothing.
func TestWaitForAHungServerIsBounded(t *testing.T) {
	t.Parallel()
	server := pgtest.NewServer(t)
	s, err := Open(t.Context(), server.URL(), Options{StatementTimeout: 2 * short, AcquireTimeout: short})
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	server.Pause(t)
	for range 2 { // on existing connections, then on new ones
		for kind, call := range calls(t.Context(), s) {
			require.ErrorIs(t, call(), domain.ErrStoreUnavailable, kind)
		}
		ctx, cancel := context.WithTimeout(t.Context(), short/3)
		require.ErrorIs(t, calls(ctx, s)["write"](), context.DeadlineExceeded, "the caller's deadline is shorter")
		cancel()
		require.Error(t, s.Ping(t.Context()))
	}
	server.Resume(t)
	requireRecovers(t, s)
}

// requireRecovers waits until a store works again.
func requireRecovers(t *testing.T, s *Store) {
	t.Helper()
	require.Eventually(t, func() bool {
		_, err := s.Users().Credential(t.Context(), "nobody@example.org")
		return s.Ping(t.Context()) == nil && orNotFound(err, domain.ErrUserNotFound) == domain.ErrUserNotFound
	}, patience, 5*time.Millisecond)
}

// Through a pooler every write is a transaction. If it times out before its commit, it changes nothing.
func TestWriteThatTakesTooLongThroughAPoolerIsRolledBack(t *testing.T) {
	t.Parallel()
	url := pgtest.Migrated(t, Migrate)
	s := openStore(t, url, Options{StatementTimeout: short, LockTimeout: hour, Pooler: true}) // a pooler cannot pass a limit on to the server
	release := lockTables(t, url)
	defer release()
	for kind, call := range calls(t.Context(), s) {
		err := call()
		require.ErrorIs(t, err, domain.ErrStoreUnavailable, kind)
		require.NotErrorIs(t, err, domain.ErrOutcomeUnknown, kind)
	}
}
