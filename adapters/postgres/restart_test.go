package postgres

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/adapters/postgres/pgtest"
	"example.com/postern/domain"
)

// load runs readers and writers concurrently, which continue after errors.
type load struct {
	store   *Store
	stop    chan struct{}
	workers sync.WaitGroup

	mu           sync.Mutex
	acknowledged []domain.Email
	unexpected   []error // other than domain.ErrStoreUnavailable
	failed       atomic.Int64
	succeeded    atomic.Int64
}

func startLoad(s *Store, writers, readers int) *load {
	l := &load{store: s, stop: make(chan struct{})}
	for i := range writers {
		l.workers.Go(func() {
			l.repeat(func(n int) error { return l.write(domain.Email(fmt.Sprintf("%d.%d@example.org", i, n)), n%2 == 0) })
		})
	}
	for range readers {
		l.workers.Go(func() {
			l.repeat(func(int) error {
				_, err := s.Users().Credential(context.Background(), "nobody@example.org")
				if errors.Is(err, domain.ErrUserNotFound) {
					err = nil
				}
				return err
			})
		})
	}
	return l
}

func (l *load) write(email domain.Email, inTx bool) (err error) {
	ctx := context.Background()
	if inTx {
		err = l.store.InTx(ctx, func(tx domain.Repositories) error {
			_, err := insertUser(ctx, tx, email)
			return err
		})
	} else {
		_, err = insertUser(ctx, l.store, email)
	}
	if err == nil {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.acknowledged = append(l.acknowledged, email)
	}
	return err
}

func (l *load) repeat(call func(n int) error) {
	for n := 0; ; n++ {
		select {
		case <-l.stop:
			return
		default:
		}
		l.note(call(n))
	}
}

func (l *load) note(err error) {
	if err == nil {
		l.succeeded.Add(1)
		return
	}
	l.failed.Add(1)
	l.mu.Lock()
	defer l.mu.Unlock()
	if !errors.Is(err, domain.ErrStoreUnavailable) {
		l.unexpected = append(l.unexpected, err)
	}
}

func (l *load) end(t *testing.T) {
	t.Helper()
	close(l.stop)
	l.workers.Wait()
	require.Empty(t, l.unexpected)
	for _, email := range l.acknowledged {
		_, err := l.store.Users().Credential(t.Context(), email)
		require.NoError(t, err, "acknowledged, and lost")
	}
	slices.Sort(l.acknowledged)
	require.Len(t, slices.Compact(l.acknowledged), len(l.acknowledged))
	t.Logf("%d writes acknowledged, none lost; %d calls failed", len(l.acknowledged), l.failed.Load())
}

// await waits until the counter has grown by n.
func await(t *testing.T, counter *atomic.Int64, n int64) {
	t.Helper()
	until := counter.Load() + n
	require.Eventually(t, func() bool { return counter.Load() >= until }, patience, time.Millisecond)
}

func TestRestartUnderLoad(t *testing.T) {
	t.Parallel()
	server := pgtest.NewServer(t)
	s, err := Open(t.Context(), server.URL(), Options{AcquireTimeout: hour, StatementTimeout: hour}) // calls fail without waiting for a limit
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	l := startLoad(s, 4, 4)
	for range 2 {
		await(t, &l.succeeded, 100)
		server.Stop(t)
		require.ErrorIs(t, s.Ping(t.Context()), domain.ErrStoreUnavailable)
		await(t, &l.failed, 100)
		server.Start(t)
		requireRecovers(t, s)
	}
	await(t, &l.succeeded, 100)
	l.end(t)
}

// Two servers simulate a cluster. One of them at a time is the primary.
func TestStoreFollowsANewPrimary(t *testing.T) {
	t.Parallel()
	one, two := pgtest.NewServer(t), pgtest.NewServer(t)
	cluster, err := url.Parse(one.URL())
	require.NoError(t, err)
	other, err := url.Parse(two.URL())
	require.NoError(t, err)
	cluster.Host += "," + other.Host
	for _, server := range []*pgtest.Server{one, two} {
		require.NoError(t, Migrate(t.Context(), server.URL()))
	}
	readOnly(t, two, "on")
	byDefault := openStore(t, cluster.String(), Options{})
	byURL := openStore(t, cluster.String()+"&target_session_attrs=read-write", Options{})
	insert := func(s *Store, n int) {
		t.Helper()
		for range n {
			_, err := insertUser(t.Context(), s, domain.Email(rand.Text()+"@example.org"))
			require.NoError(t, err)
		}
	}
	for range 10 {
		byDefault.pool.Reset() // so that each uses a new connection, to either host
		byURL.pool.Reset()
		insert(byDefault, 1)
		insert(byURL, 1)
	}
	require.Equal(t, 20, ask[int](t, one.URL(), countUsers))

	for _, s := range []*Store{byDefault, byURL} {
		require.NotZero(t, s.pool.Stat().IdleConns())
	}
	readOnly(t, one, "on")
	readOnly(t, two, "off")
	insert(byDefault, 1)
	require.NoError(t, byURL.InTx(t.Context(), func(tx domain.Repositories) error {
		_, err := insertUser(t.Context(), tx, "ada@example.org")
		return err
	}))
	insert(byDefault, 1)
	insert(byURL, 1)
	require.Equal(t, 20, ask[int](t, one.URL(), countUsers))
	require.Equal(t, 4, ask[int](t, two.URL(), countUsers))

	two.Stop(t)
	readOnly(t, one, "off")
	requireRecovers(t, byDefault)
	requireRecovers(t, byURL)
}

func readOnly(t *testing.T, server *pgtest.Server, value string) {
	t.Helper()
	execIn(t, server.URL(), "ALTER SYSTEM SET default_transaction_read_only = "+value, "SELECT pg_reload_conf()")
	require.Eventually(t, func() bool {
		return ask[string](t, server.URL(), "SHOW default_transaction_read_only") == value
	}, patience, time.Millisecond)
}
