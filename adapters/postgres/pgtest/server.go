package pgtest

import (
	"context"
	"crypto/rand"
	"errors"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// patience is the longest time that a server may take to start or to end.
const patience = 60 * time.Second

// Server is a PostgreSQL server for one test, on 127.0.0.1. Its methods are not safe for concurrent use.
type Server struct {
	bin, dir string
	port     int
	settings []string
	process  *process
	stopped  []int // the processes that Pause stopped
}

// password is the superuser's password. All servers have the same one, so that a URL can name several servers.
var password = rand.Text()

// NewServer starts a server for one test, and destroys it when the test ends. Committed data survives Stop.
func NewServer(t testing.TB) *Server {
	t.Helper()
	s, err := newServer()
	if err != nil {
		fail(t, err)
	}
	t.Cleanup(func() {
		if err := s.destroy(); err != nil {
			t.Errorf("pgtest: %v", err)
		}
	})
	s.Start(t)
	return s
}

// URL returns the URL of the database postgres for the superuser. It remains the same after a restart.
func (s *Server) URL() string {
	return (&url.URL{
		Scheme: "postgres", User: url.UserPassword("postgres", password), Path: "/postgres",
		Host: net.JoinHostPort("127.0.0.1", strconv.Itoa(s.port)), RawQuery: "sslmode=disable",
	}).String()
}

// Start restarts the server after Stop, and returns when it answers.
func (s *Server) Start(t testing.TB) {
	t.Helper()
	if err := s.start(); err != nil {
		t.Fatalf("pgtest: %v", err)
	}
}

// Stop ends the server like a crash: it closes the sessions and does not clean up. It returns when the server has exited.
func (s *Server) Stop(t testing.TB) {
	t.Helper()
	if err := s.process.end(syscall.SIGQUIT); err != nil {
		t.Fatalf("pgtest: stop the server: %v", err)
	}
}

// Pause makes the server hang: it keeps its connections and accepts new ones, but does not answer until Resume.
func (s *Server) Pause(t testing.TB) {
	t.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, s.URL())
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	s.stopped = []int{s.process.pid()}
	s.signal(t, syscall.SIGSTOP) // first, so that it starts no further processes
	rows, err := conn.Query(ctx, "SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
	if err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	if s.stopped, err = pgx.AppendRows(s.stopped, rows, pgx.RowTo[int]); err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	s.signal(t, syscall.SIGSTOP)
	_ = conn.Close(ctx)
}

// Resume undoes Pause.
func (s *Server) Resume(t testing.TB) {
	t.Helper()
	s.signal(t, syscall.SIGCONT)
	s.stopped = nil
}

func (s *Server) signal(t testing.TB, signal syscall.Signal) {
	t.Helper()
	for _, pid := range s.stopped {
		if err := syscall.Kill(pid, signal); err != nil && !errors.Is(err, syscall.ESRCH) {
			t.Fatalf("pgtest: %v: %v", signal, err)
		}
	}
}

// newServer creates a server's data, in memory if possible, without starting it.
func newServer(settings ...string) (_ *Server, err error) {
	s := &Server{settings: settings}
	if s.bin, err = binaries(); err != nil {
		return nil, err
	}
	if s.port, err = freePort(); err != nil {
		return nil, err
	}
	if s.dir, err = newDir(memoryDir(), "postern-pgtest-"); err != nil {
		return nil, err
	}
	if err := s.initialise(); err != nil {
		return nil, errors.Join(err, s.destroy())
	}
	return s, nil
}

// pristine is the data of a server that was never started. New servers copy it, because initdb takes seconds.
var pristine struct {
	sync.Mutex
	dir string
}

func (s *Server) initialise() error {
	pristine.Lock()
	defer pristine.Unlock()
	if pristine.dir == "" {
		dir, err := newDir(memoryDir(), "postern-pgtest-pristine-")
		if err != nil {
			return err
		}
		if err := initdb(s.bin, dir); err != nil {
			return errors.Join(err, os.RemoveAll(dir))
		}
		pristine.dir = dir
	}
	return output(command("cp", "-R", filepath.Join(pristine.dir, "data"), s.data()))
}

// initdb creates the data of a server. Segments of the log are small, because each new server copies one. Passwords are stored as
// MD5, because a server computes the default hash with thousands of rounds for each new connection.
func initdb(bin, dir string) error {
	secret := filepath.Join(dir, "password")
	if err := writeFile(secret, password); err != nil {
		return err
	}
	return output(command(filepath.Join(bin, "initdb"), "--pgdata="+filepath.Join(dir, "data"), "--username=postgres",
		"--pwfile="+secret, "--auth=md5", "--encoding=UTF8", "--locale=C", "--no-sync", "--wal-segsize=1"))
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

func (s *Server) start() (err error) {
	args := []string{"-D", s.data(), "-p", strconv.Itoa(s.port)}
	for _, setting := range append([]string{
		"listen_addresses=127.0.0.1", "unix_socket_directories=", "max_connections=200", "shared_buffers=64MB", "autovacuum=off",
		"fsync=off", "full_page_writes=off", // data must survive the end of a server, not of the machine
		"dynamic_shared_memory_type=mmap", // in the data, so that a killed server leaves nothing behind
	}, s.settings...) {
		args = append(args, "-c", setting)
	}
	if s.process, err = launch(s.dir, filepath.Join(s.bin, "postgres"), args...); err != nil {
		return err
	}
	return s.process.await(func(ctx context.Context) error { return ping(ctx, s.URL()) })
}

// ping returns nil if a server answers.
func ping(ctx context.Context, url string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	return conn.Close(ctx)
}

// destroy stops the server, if it runs, and removes its data.
func (s *Server) destroy() (err error) {
	if s.process != nil {
		for _, pid := range s.stopped {
			_ = syscall.Kill(pid, syscall.SIGCONT) // a paused process cannot end
		}
		err = s.process.end(syscall.SIGQUIT)
	}
	return errors.Join(err, os.RemoveAll(s.dir))
}

// freePort returns a port that is free at the moment.
func freePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	return listener.Addr().(*net.TCPAddr).Port, listener.Close()
}
