package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/postern/adapters/postgres/pgtest"
)

func TestMain(m *testing.M) {
	pgtest.Main(m, func() error { return os.RemoveAll(programFolder) })
}

// programFolder is the folder of the program that the tests built, or "".
var programFolder string

// buildProgram builds the program as make build does, and returns its path. Tests that need a process run it, and not the
// test binary, because a start with the race detector takes ten times the CPU time. [launch] and [postern] look for races in
// the same code.
var buildProgram = sync.OnceValues(func() (path string, err error) {
	if programFolder, err = os.MkdirTemp("", "postern-program-"); err != nil {
		return "", err
	}
	path = filepath.Join(programFolder, "postern")
	build := exec.Command("go", "build", "-o", path, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w\n%s", err, output)
	}
	return path, nil
})

// newProcess returns a command that runs the program with the given environment only.
func newProcess(t *testing.T, environ []string, args ...string) *exec.Cmd {
	t.Helper()
	path, err := buildProgram()
	require.NoError(t, err)
	command := exec.CommandContext(t.Context(), path, args...)
	command.Env = append([]string{}, environ...) // nil means the environment of this process
	return command
}

// spawn starts the service in a new process, and returns when it is ready. The process ends with the test.
func spawn(t *testing.T, environ ...string) (*exec.Cmd, *instance) {
	t.Helper()
	command := newProcess(t, environ)
	stdout, err := command.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, command.Start())
	lines := bufio.NewScanner(stdout)
	for lines.Scan() {
		if found := regexp.MustCompile(`Address +http://(\S+)`).FindStringSubmatch(lines.Text()); found != nil {
			go func() { _, _ = io.Copy(io.Discard, stdout) }()
			return command, &instance{address: found[1], url: "http://" + found[1]}
		}
	}
	require.FailNow(t, "the service ended before it was ready")
	return nil, nil
}
