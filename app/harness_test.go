package main

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/adapters/postgres"
	"example.com/postern/adapters/postgres/pgtest"
	"example.com/postern/adapters/rest/resttest"
	"example.com/postern/adapters/sqlite"
	client "example.com/postern/api/client/wire"
)

// emptyStore returns the content of an empty SQLite store. The store is created once, because migrating takes longer than most
// tests.
var emptyStore = sync.OnceValues(func() (content []byte, err error) {
	folder, err := os.MkdirTemp("", "postern-store-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	path := filepath.Join(folder, databaseName)
	store, err := sqlite.Open(context.Background(), path, sqlite.Options{})
	if err != nil {
		return nil, err
	}
	if err := store.Close(); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

// makeStore creates a data folder with an empty store, and returns the path of the store.
func makeStore(t *testing.T, folder string) (path string) {
	t.Helper()
	content, err := emptyStore()
	require.NoError(t, err)
	require.NoError(t, os.MkdirAll(folder, 0o700))
	path = filepath.Join(folder, databaseName)
	require.NoError(t, os.WriteFile(path, content, 0o600))
	return path
}

// patience is how long a test waits for an event before it fails.
const patience = 20 * time.Second

// instance is a running service.
type instance struct {
	address        string
	url            string
	stdout, stderr *output
	stop           func() // does what Ctrl-C does, and returns at once
	done           chan error
	clients        sync.Map // by *testing.T; they are reused, because a new client parses the contract
}

// onEveryStore runs a test with the settings of an empty store of each kind.
func onEveryStore(t *testing.T, test func(t *testing.T, env map[string]string)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		folder := filepath.Join(t.TempDir(), "data")
		makeStore(t, folder)
		test(t, map[string]string{"POSTERN_DATA_DIR": folder, "POSTERN_JWT_SECRET": testSecret})
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		test(t, map[string]string{"POSTERN_DATABASE_URL": pgtest.Migrated(t, postgres.Migrate), "POSTERN_JWT_SECRET": testSecret})
	})
}

// launch runs the service on a free port until the test ends, and returns when it is ready. Unless env names a store, the service
// uses an empty SQLite store.
func launch(t *testing.T, env map[string]string, args ...string) *instance {
	t.Helper()
	settings := map[string]string{"POSTERN_ADDR": "127.0.0.1:0", "POSTERN_DATA_DIR": filepath.Join(t.TempDir(), "data")}
	if env["POSTERN_DATA_DIR"] == "" && env["POSTERN_DATABASE_URL"] == "" {
		makeStore(t, settings["POSTERN_DATA_DIR"])
	}
	for name, value := range env {
		settings[name] = value
	}
	ctx, cancel := context.WithCancel(context.Background())
	s := &instance{stdout: newOutput(), stderr: newOutput(), stop: cancel, done: make(chan error, 1)}
	go func() {
		s.done <- run(ctx, args, func(name string) string { return settings[name] }, nil, s.stdout, s.stderr)
		close(s.done)
	}()
	t.Cleanup(func() { cancel(); <-s.done })
	select {
	case <-s.stdout.written:
	case err := <-s.done:
		require.NoError(t, err)
	}
	found := regexp.MustCompile(`Address +http://(\S+)`).FindStringSubmatch(s.stdout.String())
	require.NotNil(t, found, "the start message contains the address")
	s.address, s.url = found[1], "http://"+found[1]
	return s
}

// shutDown stops the service and returns what run returned.
func (s *instance) shutDown() error {
	s.stop()
	return <-s.done
}

// client returns the generated client. An answer that breaks the contract fails t.
func (s *instance) client(t *testing.T) *client.ClientWithResponses {
	t.Helper()
	if made, known := s.clients.Load(t); known {
		return made.(*client.ClientWithResponses)
	}
	c, err := client.NewClientWithResponses(s.url, client.WithHTTPClient(resttest.NewClient(t)))
	require.NoError(t, err)
	s.clients.Store(t, c)
	return c
}

func (s *instance) dial(t *testing.T) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", s.address)
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	require.NoError(t, conn.SetDeadline(time.Now().Add(20*time.Second)))
	return conn
}

func bearer(token string) client.RequestEditorFn {
	return func(_ context.Context, r *http.Request) error {
		r.Header.Set("Authorization", "Bearer "+token)
		return nil
	}
}

// output is a buffer for one goroutine that writes and another that reads.
type output struct {
	mu      sync.Mutex
	buffer  bytes.Buffer
	once    sync.Once
	written chan struct{} // closed after the first write
}

func newOutput() *output { return &output{written: make(chan struct{})} }

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.once.Do(func() { close(o.written) })
	return o.buffer.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buffer.String()
}

// postern runs a command with the given environment. After 20 seconds it stops a service that should have refused to start.
func postern(t *testing.T, environ []string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	return posternReading(t, "", environ, args...)
}

// posternReading is [postern] with a standard input.
func posternReading(t *testing.T, stdin string, environ []string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	var out, errs strings.Builder
	code = start(ctx, args, environ, strings.NewReader(stdin), &out, &errs)
	return code, out.String(), errs.String()
}
