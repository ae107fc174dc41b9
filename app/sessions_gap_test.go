package main

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/adapters/postgres"
	"example.com/postern/adapters/postgres/pgtest"
	"example.com/postern/domain"
)

// cable is a TCP proxy to a database. It can be cut.
type cable struct {
	server string
	cut    atomic.Bool
	mu     sync.Mutex
	ends   []net.Conn
}

// newCable returns a cable to a database, and a URL that goes through it.
func newCable(t *testing.T, database string) (*cable, string) {
	t.Helper()
	u, err := url.Parse(database)
	require.NoError(t, err)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	c := &cable{server: u.Host}
	t.Cleanup(func() { require.NoError(t, listener.Close()); c.set(true) })
	go func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			c.connect(client)
		}
	}()
	u.Host = listener.Addr().String()
	return c, u.String()
}

func (c *cable) connect(client net.Conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	server, err := net.Dial("tcp", c.server)
	if err != nil || c.cut.Load() {
		_ = client.Close()
		return
	}
	c.ends = append(c.ends, client, server)
	go func() { _, _ = io.Copy(server, client); _ = server.Close() }()
	go func() { _, _ = io.Copy(client, server); _ = client.Close() }()
}

// set cuts or repairs the cable.
func (c *cable) set(cut bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cut.Store(cut)
	for _, end := range c.ends {
		_ = end.Close()
	}
	c.ends = nil
}

// shiftedClock is a clock that is ahead of the system's clock by a number of nanoseconds.
type shiftedClock struct{ atomic.Int64 }

func (c *shiftedClock) Now() time.Time { return clock().Add(time.Duration(c.Load())) }
func (c *shiftedClock) Elapsed() time.Duration {
	return systemClock{}.Elapsed() + time.Duration(c.Load())
}

// shiftedStore is a store whose time is ahead, too.
type shiftedStore struct {
	store
	clock *shiftedClock
}

func (s shiftedStore) Now(ctx context.Context) (time.Time, error) {
	now, err := s.store.Now(ctx)
	return now.Add(time.Duration(s.clock.Load())), err
}

// shiftedInstance is an instance with a shifted clock. It polls only when a test calls passAndPoll.
type shiftedInstance struct {
	*instance
	service *service
	clock   *shiftedClock
}

func (s *shiftedInstance) passAndPoll(t *testing.T, d time.Duration) error {
	t.Helper()
	s.clock.Add(int64(d))
	return s.service.tasks()[0].runOnce(t.Context())
}

func launchShifted(t *testing.T, database string) *shiftedInstance {
	t.Helper()
	environ := []string{"POSTERN_DATABASE_URL=" + database, "POSTERN_JWT_SECRET=" + testSecret}
	c := parsed(t, environ...)
	require.NoError(t, c.load(lookUp(environ)))
	log := slog.New(slog.DiscardHandler)
	s, err := c.open(t.Context(), log)
	require.NoError(t, err)
	ahead := &shiftedClock{}
	s.store = shiftedStore{s.store, ahead}
	s.ended = domain.NewRevocations(s.store, ahead)
	require.NoError(t, s.ended.Load(t.Context()))
	require.NoError(t, c.connect(s, "http://127.0.0.1:8080", log))
	server := httptest.NewServer(s.handler)
	t.Cleanup(func() { server.Close(); require.NoError(t, s.close()) })
	return &shiftedInstance{&instance{url: server.URL}, s, ahead}
}

// TestAnEndedSessionStaysEndedWhereTheDatabaseWasLost cuts one instance off from the database for 135 s, longer than the
// overlap of its polls, while another instance ends a session.
func TestAnEndedSessionStaysEndedWhereTheDatabaseWasLost(t *testing.T) {
	t.Parallel()
	database := pgtest.Migrated(t, postgres.Migrate)
	one := launch(t, map[string]string{"POSTERN_DATABASE_URL": database, "POSTERN_JWT_SECRET": testSecret})
	cable, through := newCable(t, database)
	two := launchShifted(t, through)
	login := one.signUp(t, ada)
	live := one.logIn(t, ada, goodPassword)
	require.Equal(t, http.StatusOK, two.me(t, login.AccessToken))

	cable.set(true)
	one.end(t, login)
	require.Error(t, two.passAndPoll(t, 135*time.Second))
	require.Equal(t, http.StatusServiceUnavailable, two.admitted(t, login.AccessToken), "no token is accepted without the store")
	cable.set(false)
	require.Eventually(t, func() bool {
		require.NotEqual(t, http.StatusUnprocessableEntity, two.admitted(t, login.AccessToken), "the token is never accepted")
		return two.passAndPoll(t, 250*time.Millisecond) == nil
	}, 10*time.Second, time.Millisecond)
	for range 10 {
		require.Equal(t, http.StatusUnauthorized, two.admitted(t, login.AccessToken), "the token stays refused after good polls")
		require.NoError(t, two.passAndPoll(t, 250*time.Millisecond))
	}
	require.Equal(t, http.StatusOK, two.me(t, live.AccessToken))
}
