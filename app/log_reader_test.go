package main

import (
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// serveTo starts the service with these outputs, and returns its URL when it is ready.
func serveTo(t *testing.T, stdout, stderr *os.File) (command *exec.Cmd, url string) {
	t.Helper()
	address := freeAddress(t)
	command = newProcess(t, []string{"POSTERN_ADDR=" + address, "POSTERN_DATA_DIR=" + t.TempDir()})
	command.Stdout, command.Stderr = stdout, stderr
	require.NoError(t, command.Start())
	require.Eventually(t, func() bool {
		answer, err := http.Get("http://" + address + "/readyz")
		return err == nil && answer.Body.Close() == nil && answer.StatusCode == http.StatusOK
	}, 20*time.Second, 10*time.Millisecond)
	return command, "http://" + address
}

// freeAddress returns an address at which nothing listens. It is for a service whose output a test cannot read.
func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, listener.Close())
	return listener.Addr().String()
}

// requireServedAndStopped requires that n requests are answered and that the program then stops with exit code 0.
func requireServedAndStopped(t *testing.T, n int, command *exec.Cmd, url string) {
	t.Helper()
	client := http.Client{Timeout: 10 * time.Second}
	for range n {
		answer, err := client.Get(url + "/posts")
		require.NoError(t, err)
		require.NoError(t, answer.Body.Close())
		require.Equal(t, http.StatusOK, answer.StatusCode)
	}
	require.NoError(t, command.Process.Signal(syscall.SIGTERM))
	require.NoError(t, command.Wait(), "exit code 0")
}

func nowhere(t *testing.T, path string) *os.File {
	t.Helper()
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	require.NoError(t, err)
	t.Cleanup(func() { _ = f.Close() })
	return f
}

func TestTheServiceOutlivesTheReaderOfItsLog(t *testing.T) {
	t.Parallel()
	for name, closed := range map[string][2]bool{"stdout": {true, false}, "stderr": {false, true}, "both": {true, true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			reader, pipe, err := os.Pipe()
			require.NoError(t, err)
			out := [2]*os.File{nowhere(t, os.DevNull), nowhere(t, os.DevNull)}
			for i, isClosed := range closed {
				if isClosed {
					out[i] = pipe
				}
			}
			command, url := serveTo(t, out[0], out[1])
			require.NoError(t, pipe.Close())
			require.NoError(t, reader.Close())
			requireServedAndStopped(t, 3, command, url)
		})
	}
}

func TestTheServiceDoesNotWaitForTheReaderOfItsLog(t *testing.T) {
	t.Parallel()
	reader, pipe, err := os.Pipe()
	require.NoError(t, err)
	command, url := serveTo(t, pipe, pipe)
	require.NoError(t, pipe.Close())
	requireServedAndStopped(t, 1000, command, url) // a pipe holds 64 KiB, which is about 300 lines
	require.NoError(t, reader.Close())
}

func TestTheServiceOutlivesAFullDisk(t *testing.T) {
	t.Parallel()
	full := filepath.Join("/dev", "full")
	if _, err := os.Stat(full); err != nil {
		full = os.DevNull
	}
	command, url := serveTo(t, nowhere(t, full), nowhere(t, full))
	requireServedAndStopped(t, 3, command, url)
}

// runWithoutReaders runs the program with outputs that nobody reads, and returns its exit code, or -1 if a signal killed it. If
// messages is not nil, it receives stderr.
func runWithoutReaders(t *testing.T, messages io.Writer, environ []string, args ...string) (code int) {
	t.Helper()
	reader, pipe, err := os.Pipe()
	require.NoError(t, err)
	require.NoError(t, reader.Close())
	command := newProcess(t, environ, args...)
	command.Stdout, command.Stderr = pipe, pipe
	if messages != nil {
		command.Stderr = messages
	}
	_ = command.Run() // the exit code is checked instead
	require.NoError(t, pipe.Close())
	return command.ProcessState.ExitCode()
}

func TestACommandEndsWithTheReaderOfItsOutput(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"--help"}, {"version"}} {
		var messages strings.Builder
		require.Equal(t, exitFailed, runWithoutReaders(t, &messages, nil, args...), args)
		require.Empty(t, messages.String())
	}
}

func TestTheExitCodeIsTheSameWhenNobodyReadsTheMessage(t *testing.T) {
	t.Parallel()
	for variable, args := range map[string][]string{
		`POSTERN_DATA_DIR="x"`: nil, "POSTERN_TYPO=1": nil, "POSTERN_PORT=8080": nil, "POSTERN_LOG_LEVEL=loud": {"serve"}, "X=": {"no-such-command"},
	} {
		require.Equal(t, exitUsage, runWithoutReaders(t, nil, []string{variable}, args...), variable)
	}
	require.Equal(t, exitFailed, runWithoutReaders(t, nil, nil, "keys", "list", "--data-dir="+t.TempDir()))
}

// TestABackupLeavesNothingWhenItsReaderIsGone checks that the temporary copy of the store is removed.
func TestABackupLeavesNothingWhenItsReaderIsGone(t *testing.T) {
	t.Parallel()
	folder := filepath.Dir(storeWith(t))
	var messages strings.Builder
	require.Equal(t, exitFailed, runWithoutReaders(t, &messages, nil, "backup", "-", "--data-dir="+folder))
	require.Equal(t, "postern: back up the store in POSTERN_DATA_DIR: the reader of the output ended before the backup was complete\n", messages.String())
	for _, name := range names(t, folder) {
		require.NotContains(t, name, "backup")
	}
}
