package main

import (
	"net"
	"os/exec"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSignalsStopTheProcess(t *testing.T) {
	t.Parallel()
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		command, _ := spawn(t, "POSTERN_ADDR=127.0.0.1:0", "POSTERN_DATA_DIR="+t.TempDir())
		require.NoError(t, command.Process.Signal(signal))
		require.NoError(t, command.Wait(), "exit code 0 after %v", signal)
	}
}

func TestASecondSignalKillsAtOnce(t *testing.T) {
	t.Parallel()
	command, s := spawn(t, "POSTERN_ADDR=127.0.0.1:0", "POSTERN_DATA_DIR="+t.TempDir())
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
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = taken.Close() })
	for code, args := range map[int][]string{
		0:          {"version"},
		exitFailed: {"--addr=" + taken.Addr().String(), "--data-dir=" + t.TempDir()},
		exitUsage:  {"--nonsense"},
	} {
		command := newProcess(t, nil, args...)
		_ = command.Run() // the exit code is checked instead
		require.Equal(t, code, command.ProcessState.ExitCode(), "%v", args)
	}
}
