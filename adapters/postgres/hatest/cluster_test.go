//go:build ha

package hatest

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// cluster is three PostgreSQL nodes under Patroni, behind HAProxy and PgBouncer, on 127.0.0.1. It is destroyed when the test
// ends, even if the test crashes.
type cluster struct {
	t           *testing.T
	ctx         context.Context
	script, dir string
	base        int // the lowest of its ports
}

// newCluster starts a cluster that acknowledges a write only when two nodes have it, and whose primary must renew its lease
// within 5 s.
func newCluster(ctx context.Context, t *testing.T) *cluster {
	t.Helper()
	requirePrograms(t)
	script, err := filepath.Abs("pgha.sh")
	require.NoError(t, err)
	dir, err := os.MkdirTemp("", "postern-hatest-")
	require.NoError(t, err)
	c := &cluster{t: t, ctx: ctx, script: script, dir: dir, base: freePorts(t)}
	c.guard()
	t.Log(c.run("up"))
	return c
}

// programs are the programs of the cluster, and their Debian packages.
var programs = map[string]string{
	"postgres": "postgresql", "patroni": "patroni", "patronictl": "patroni", "etcd": "etcd-server", "haproxy": "haproxy",
	"pgbouncer": "pgbouncer", "curl": "curl", "pgrep": "procps", "setpriv": "util-linux", "setsid": "util-linux", "bash": "bash",
}

func requirePrograms(t *testing.T) {
	t.Helper()
	servers, err := filepath.Glob("/usr/lib/postgresql/*/bin")
	require.NoError(t, err)
	folders := append([]string{"/usr/sbin", "/usr/bin", "/sbin", "/bin"}, servers...)
	var missing []string
	for program := range programs {
		if !isIn(folders, program) {
			missing = append(missing, program+" (package "+programs[program]+")")
		}
	}
	require.Empty(t, missing, "the high-availability test needs Debian's packages: "+
		"apt-get install --no-install-recommends postgresql patroni etcd-server haproxy pgbouncer curl procps")
}

func isIn(folders []string, program string) bool {
	for _, folder := range folders {
		if _, err := os.Stat(filepath.Join(folder, program)); err == nil {
			return true
		}
	}
	return false
}

// freePorts returns a base for which all ports of the cluster are free. They are below the range that Linux assigns to clients.
func freePorts(t *testing.T) int {
	t.Helper()
	for range 100 {
		if base := 20000 + 50*rand.N(240); areFree(base, 1, 2, 3, 11, 12, 13, 21, 22, 30, 31, 40) {
			return base
		}
	}
	t.Fatal("there are no free ports")
	return 0
}

func areFree(base int, offsets ...int) bool {
	for _, offset := range offsets {
		listener, err := net.Listen("tcp", address(base+offset))
		if err != nil {
			return false
		}
		_ = listener.Close()
	}
	return true
}

func address(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }

// guard starts a process that kills the cluster when this process or the test ends. It has its own session, so that Ctrl-C does
// not end it.
func (c *cluster) guard() {
	c.t.Helper()
	cmd := c.command(context.Background(), "guard")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	stdin, err := cmd.StdinPipe()
	require.NoError(c.t, err)
	require.NoError(c.t, cmd.Start())
	c.t.Cleanup(func() {
		if c.t.Failed() {
			c.showLogs()
		}
		require.NoError(c.t, stdin.Close())
		require.NoError(c.t, cmd.Wait())
		require.NoDirExists(c.t, c.dir)
		require.True(c.t, areFree(c.base, 1, 2, 3, 11, 12, 13, 21, 22, 30, 31, 40), "the cluster still uses its ports")
	})
}

func (c *cluster) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "bash", append([]string{c.script}, args...)...)
	cmd.Dir = c.dir // the guard finds its processes by it
	cmd.WaitDelay = time.Second
	cmd.Env = []string{
		"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C.UTF-8", "PGHA_DIR=" + c.dir, "PGHA_BASE=" + strconv.Itoa(c.base),
		"PGHA_SYNC=strict", "PGHA_TTL=5",
	}
	return cmd
}

// run runs the script, and returns its output.
func (c *cluster) run(args ...string) string {
	c.t.Helper()
	cmd := c.command(c.ctx, args...)
	var out, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &stderr
	require.NoError(c.t, cmd.Run(), "pgha.sh %s: %s%s", strings.Join(args, " "), &out, &stderr)
	return strings.TrimSpace(out.String())
}

// primary returns the node that is the primary now, or "".
func (c *cluster) primary() string {
	out, _ := c.command(c.ctx, "primary").Output() // it fails if there is none
	return strings.TrimSpace(string(out))
}

// direct returns the URL of all nodes.
func (c *cluster) direct() string {
	return fmt.Sprintf("postgres://postgres@%s,%s,%s/postgres?sslmode=disable&target_session_attrs=read-write",
		address(c.base+1), address(c.base+2), address(c.base+3))
}

// pooled returns the URL through PgBouncer and HAProxy.
func (c *cluster) pooled() string {
	return fmt.Sprintf("postgres://postgres@%s/postgres?sslmode=disable", address(c.base+40))
}

// showLogs logs the end of each log file, to explain a failure in CI.
func (c *cluster) showLogs() {
	logs, _ := filepath.Glob(filepath.Join(c.dir, "*.log")) // only a malformed pattern fails
	for _, name := range logs {
		if content, err := os.ReadFile(name); err == nil {
			c.t.Logf("%s:\n%s", filepath.Base(name), content[max(0, len(content)-2000):])
		}
	}
}
