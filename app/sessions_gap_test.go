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

// cable is a connection to a database that can be cut.
type cable struct {
	server string
	cut    atomic.Bool
	mu     sync.Mutex
	ends   []net.Conn
}

// newCable returns a cable to a database, and the URL through it.
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

// set cuts the cable, or mends it.
func (c *cable) set(cut bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cut.Store(cut)
	for _, end := range c.ends {
		_ = end.Close()
	}
	c.ends = nil
}

// lapse is time that has passed without anyone having waited for it: by an instance's clock, and by the store's.
type lapse struct{ atomic.Int64 }

func (l *lapse) Now() time.Time         { return clock().Add(time.Duration(l.Load())) }
func (l *lapse) Elapsed() time.Duration { return systemClock{}.Elapsed() + time.Duration(l.Load()) }

type lapsedStore struct {
	store
	lapse *lapse
}

func (s lapsedStore) Now(ctx context.Context) (time.Time, error) {
	now, err := s.store.Now(ctx)
	return now.Add(time.Duration(s.lapse.Load())), err
}

// lapsing is an instance whose time is made to pass, and which polls when it is told to.
type lapsing struct {
	*instance
	service *service
	lapse   *lapse
}

func (s *lapsing) passAndPoll(t *testing.T, d time.Duration) error {
	t.Helper()
	s.lapse.Add(int64(d))
	return s.service.background()[0].runOnce(t.Context())
}

func launchLapsing(t *testing.T, database string) *lapsing {
	t.Helper()
	environ := []string{"POSTERN_DATABASE_URL=" + database, "POSTERN_JWT_SECRET=" + testSecret}
	c := parsed(t, environ...)
	require.NoError(t, c.load(lookUp(environ)))
	log := slog.New(slog.DiscardHandler)
	s, err := c.open(t.Context(), log)
	require.NoError(t, err)
	passed := &lapse{}
	s.store = lapsedStore{s.store, passed}
	s.ended = domain.NewRevocations(s.store, passed)
	require.NoError(t, s.ended.Load(t.Context()))
	s.handler, err = c.newHandler(s, log)
	require.NoError(t, err)
	server := httptest.NewServer(s.handler)
	t.Cleanup(func() { server.Close(); require.NoError(t, s.close()) })
	return &lapsing{&instance{url: server.URL}, s, passed}
}

// An instance loses the database for 135 s, which is longer than the overlap of its polls. Sessions that ended meanwhile must stay ended.
func TestAnEndedSessionStaysEndedWhereTheDatabaseWasLost(t *testing.T) {
	t.Parallel()
	database := pgtest.Migrated(t, postgres.Migrate)
	one := launch(t, map[string]string{"POSTERN_DATABASE_URL": database, "POSTERN_JWT_SECRET": testSecret})
	cable, through := newCable(t, database)
	two := launchLapsing(t, through)
	login := one.signUp(t, ada)
	live := one.logIn(t, ada, goodPassword)
	require.Equal(t, http.StatusOK, two.me(t, login.AccessToken))

	cable.set(true)
	one.end(t, login)
	require.Error(t, two.passAndPoll(t, 135*time.Second))
	require.Equal(t, http.StatusServiceUnavailable, two.admitted(t, login.AccessToken), "nobody is let in without the store")
	cable.set(false)
	require.Eventually(t, func() bool {
		require.NotEqual(t, http.StatusUnprocessableEntity, two.admitted(t, login.AccessToken), "not for a moment")
		return two.passAndPoll(t, 250*time.Millisecond) == nil
	}, 10*time.Second, time.Millisecond)
	for range 10 {
		require.Equal(t, http.StatusUnauthorized, two.admitted(t, login.AccessToken), "nor later, when it follows again")
		require.NoError(t, two.passAndPoll(t, 250*time.Millisecond))
	}
	require.Equal(t, http.StatusOK, two.me(t, live.AccessToken))
}
