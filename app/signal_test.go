package main

import (
	"bufio"
	"net"
	"os"
	"os/exec"
	"regexp"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/postern/adapters/postgres/pgtest"
)

// beMain is a variable that makes the test binary run the program.
const beMain = "BE_POSTERN"

// processEnv returns the environment of a process that runs the program. The race detector's options stay.
func processEnv(more ...string) []string {
	return append(more, beMain+"=1", "GORACE="+os.Getenv("GORACE"))
}

func TestMain(m *testing.M) {
	if os.Getenv(beMain) != "" {
		main()
	}
	pgtest.Main(m)
}

// spawn starts the service in a new process, and returns when it is ready.
func spawn(t *testing.T, args ...string) (*exec.Cmd, *instance) {
	t.Helper()
	program, err := os.Executable()
	require.NoError(t, err)
	command := exec.Command(program, args...)
	command.Env = processEnv("POSTERN_ADDR=127.0.0.1:0", "POSTERN_DATA_DIR="+t.TempDir())
	stdout, err := command.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, command.Start())
	t.Cleanup(func() { _ = command.Process.Kill() })
	lines := bufio.NewScanner(stdout)
	for lines.Scan() {
		if found := regexp.MustCompile(`Address +http://(\S+)`).FindStringSubmatch(lines.Text()); found != nil {
			return command, &instance{address: found[1]}
		}
	}
	require.FailNow(t, "the service ended before it was ready")
	return nil, nil
}

func TestSignalsStopTheProcess(t *testing.T) {
	t.Parallel()
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		command, _ := spawn(t)
		require.NoError(t, command.Process.Signal(signal))
		require.NoError(t, command.Wait(), "exit code 0 after %v", signal)
	}
}

func TestASecondSignalKillsAtOnce(t *testing.T) {
	t.Parallel()
	command, s := spawn(t)
	conn, _ := hold(t, s)
	require.NoError(t, command.Process.Signal(syscall.SIGTERM))
	requireRefused(t, s.address) // the process has handled the first signal
	require.NoError(t, command.Process.Signal(syscall.SIGTERM))
	var ended *exec.ExitError
	require.ErrorAs(t, command.Wait(), &ended)
	require.Equal(t, syscall.SIGTERM, ended.Sys().(syscall.WaitStatus).Signal())
	_, err := conn.Read(make([]byte, 1))
	require.Error(t, err)
}

func TestExitCodes(t *testing.T) {
	t.Parallel()
	program, err := os.Executable()
	require.NoError(t, err)
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = taken.Close() })
	for code, args := range map[int][]string{
		0:          {"version"},
		exitFailed: {"--addr=" + taken.Addr().String(), "--data-dir=" + t.TempDir()},
		exitUsage:  {"--nonsense"},
	} {
		command := exec.Command(program, args...)
		command.Env = processEnv()
		_ = command.Run() // the exit code is checked instead
		require.Equal(t, code, command.ProcessState.ExitCode(), "%v", args)
	}
}
