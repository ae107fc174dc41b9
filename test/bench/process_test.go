//go:build bench

package bench

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

// build compiles a command of the module in a folder, with the flags of a release, and returns the path of the binary.
func build(b *testing.B, folder, pkg string) string {
	b.Helper()
	binary := filepath.Join(b.TempDir(), filepath.Base(pkg))
	command := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", binary, pkg)
	command.Dir = folder
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	output, err := command.CombinedOutput()
	require.NoError(b, err, string(output))
	return binary
}

// server is a running server.
type server struct {
	url string
	pid int
}

var address = regexp.MustCompile(`http://127\.0\.0\.1:\d+`)

// start runs a server until the benchmark ends. It returns when the server has printed its address.
func start(b *testing.B, env []string, binary string, args ...string) server {
	b.Helper()
	command := exec.Command(binary, args...)
	command.Env = append(os.Environ(), env...)
	logs, err := os.Create(filepath.Join(b.TempDir(), filepath.Base(binary)+".log"))
	require.NoError(b, err)
	command.Stderr = logs
	output, err := command.StdoutPipe()
	require.NoError(b, err)
	require.NoError(b, command.Start())
	b.Cleanup(func() {
		_ = command.Process.Signal(os.Interrupt)
		_ = command.Wait()
		_ = logs.Close()
	})
	lines := bufio.NewScanner(output)
	for lines.Scan() {
		if found := address.FindString(lines.Text()); found != "" {
			go func() {
				for lines.Scan() {
				}
			}()
			return server{url: found, pid: command.Process.Pid}
		}
	}
	text, _ := os.ReadFile(logs.Name())
	b.Fatalf("%s did not start: %s", binary, text)
	return server{}
}

const ticksPerSecond = 100 // the unit of process times: sysconf(_SC_CLK_TCK) on Linux

// cpu returns the CPU time of the processes and of their children that have ended.
func cpu(b *testing.B, pids ...int) time.Duration {
	b.Helper()
	var ticks int64
	for _, pid := range pids {
		text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil {
			continue // it has ended, and its time was added to its parent
		}
		fields := strings.Fields(string(text[strings.LastIndexByte(string(text), ')')+1:]))
		for _, field := range fields[11:15] { // utime, stime, cutime, cstime (proc(5))
			n, err := strconv.ParseInt(field, 10, 64)
			require.NoError(b, err)
			ticks += n
		}
	}
	return time.Duration(ticks) * time.Second / ticksPerSecond
}

// databaseProcesses returns the processes of the PostgreSQL server at a URL, or none if the URL is empty.
func databaseProcesses(b *testing.B, url string) []int {
	b.Helper()
	if url == "" {
		return nil
	}
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, url)
	require.NoError(b, err)
	defer func() { _ = conn.Close(ctx) }()
	var folder string
	require.NoError(b, conn.QueryRow(ctx, "SHOW data_directory").Scan(&folder))
	text, err := os.ReadFile(filepath.Join(folder, "postmaster.pid"))
	require.NoError(b, err)
	first, _, _ := strings.Cut(string(text), "\n")
	postmaster, err := strconv.Atoi(first)
	require.NoError(b, err)
	pids := []int{postmaster}
	children, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", postmaster, postmaster))
	require.NoError(b, err)
	for _, field := range strings.Fields(string(children)) {
		pid, err := strconv.Atoi(field)
		require.NoError(b, err)
		pids = append(pids, pid)
	}
	return pids
}
