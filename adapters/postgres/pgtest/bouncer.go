package pgtest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"
)

// Bouncer starts PgBouncer in transaction mode for the server at a URL, and ends it with the test. It has few server connections,
// so that its clients must share them. The function that Bouncer returns converts the URL of a database on that server into
// one through PgBouncer.
func Bouncer(t testing.TB, server string) (through func(database string) string) {
	t.Helper()
	b, err := startBouncer(server)
	if err != nil {
		fail(t, err)
	}
	t.Cleanup(func() {
		if err := b.end(); err != nil {
			t.Errorf("pgtest: %v", err)
		}
	})
	return b.through
}

type bouncer struct {
	dir  string
	port int
	*process
}

func startBouncer(server string) (_ *bouncer, err error) {
	bin, err := findBouncer()
	if err != nil {
		return nil, err
	}
	b := &bouncer{}
	if b.port, err = freePort(); err != nil {
		return nil, err
	}
	if b.dir, err = newDir("", "postern-pgbouncer-"); err != nil {
		return nil, err
	}
	if err := b.configure(server); err != nil {
		return nil, errors.Join(err, os.RemoveAll(b.dir))
	}
	if b.process, err = launch(b.dir, bin, "ini"); err != nil {
		return nil, errors.Join(err, os.RemoveAll(b.dir))
	}
	if err := b.await(func(ctx context.Context) error { return ping(ctx, b.through(server)) }); err != nil {
		return nil, errors.Join(err, b.end())
	}
	return b, nil
}

func (b *bouncer) configure(server string) error {
	to, err := pgx.ParseConfig(server)
	if err != nil {
		return errors.New("the server's URL does not parse")
	}
	return errors.Join(
		writeFile(filepath.Join(b.dir, "users"), fmt.Sprintf("%q %q\n", to.User, to.Password)),
		writeFile(filepath.Join(b.dir, "ini"), fmt.Sprintf(`[databases]
* = host=%s port=%d
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = %d
unix_socket_dir =
auth_type = plain
auth_file = users
pool_mode = transaction
default_pool_size = 4
max_client_conn = 200
`, to.Host, to.Port, b.port)))
}

func (b *bouncer) through(database string) string {
	u, err := url.Parse(database)
	if err != nil {
		panic("pgtest: the database's URL does not parse") // pgtest created it
	}
	u.Host = net.JoinHostPort("127.0.0.1", strconv.Itoa(b.port))
	return u.String()
}

func (b *bouncer) end() error {
	return errors.Join(b.process.end(syscall.SIGQUIT), os.RemoveAll(b.dir))
}

// errNoBouncer is the reason why a test that needs PgBouncer cannot run.
var errNoBouncer = errors.New("PgBouncer is not installed")

func findBouncer() (string, error) {
	if path, err := exec.LookPath("pgbouncer"); err == nil {
		return path, nil
	}
	if isExecutable("/usr/sbin", "pgbouncer") {
		return "/usr/sbin/pgbouncer", nil
	}
	return "", errNoBouncer
}
