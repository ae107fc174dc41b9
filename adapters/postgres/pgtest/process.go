package pgtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
	"time"
)

// account is the user that servers run as, because PostgreSQL refuses root. nil is the user of the tests.
func account() *syscall.Credential {
	if os.Geteuid() != 0 {
		return nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		found, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, uidErr := strconv.ParseUint(found.Uid, 10, 32)
		gid, gidErr := strconv.ParseUint(found.Gid, 10, 32)
		if uidErr == nil && gidErr == nil {
			return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid), NoSetGroups: true}
		}
	}
	return nil
}

// newDir creates a temporary folder that only that account can use, in parent or in the default folder for temporary files.
func newDir(parent, prefix string) (string, error) {
	dir, err := os.MkdirTemp(parent, prefix)
	if err != nil {
		return "", err
	}
	return dir, give(dir)
}

// writeFile creates a file that only that account can use.
func writeFile(path, content string) error {
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		return err
	}
	return give(path)
}

func give(path string) error {
	if to := account(); to != nil {
		return os.Chown(path, int(to.Uid), int(to.Gid))
	}
	return nil
}

func command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.SysProcAttr = attributes(account())
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C", "TZ=UTC"} // without the variables PG*, which servers would read
	return cmd
}

// output runs a command and returns its output. The error contains its error output.
func output(cmd *exec.Cmd) error {
	cmd.Dir = os.TempDir() // the account may have no access to root's current folder
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", filepath.Base(cmd.Path), err, out)
	}
	return nil
}

// process is a server that runs as a child of the test binary.
type process struct {
	cmd    *exec.Cmd
	log    string
	exited chan struct{} // closed when it has exited
}

// launch starts a server, with its log in a folder.
func launch(dir, name string, args ...string) (*process, error) {
	p := &process{cmd: command(name, args...), log: filepath.Join(dir, "log"), exited: make(chan struct{})}
	log, err := os.OpenFile(p.log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	defer func() { _ = log.Close() }()
	p.cmd.Dir, p.cmd.Stdout, p.cmd.Stderr = dir, log, log
	started := make(chan error)
	go func() {
		// Linux ends the child when the thread that started it ends, so the goroutine keeps its thread.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := p.cmd.Start()
		started <- err
		if err == nil {
			_ = p.cmd.Wait() // only the end matters
			close(p.exited)
		}
	}()
	return p, <-started
}

func (p *process) pid() int { return p.cmd.Process.Pid }

// await waits until the server answers.
func (p *process) await(ping func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for {
		err := ping(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-p.exited:
			return p.failure(err)
		case <-ctx.Done():
			return errors.Join(p.failure(err), p.end(syscall.SIGKILL))
		}
	}
}

// failure adds the end of the server's log to err.
func (p *process) failure(err error) error {
	log, _ := os.ReadFile(p.log) // empty if the file is missing
	return fmt.Errorf("%s did not start: %w\n%s", filepath.Base(p.cmd.Path), err, log[max(0, len(log)-4000):])
}

// end sends a signal and waits until the process has exited.
func (p *process) end(signal syscall.Signal) error {
	if err := p.cmd.Process.Signal(signal); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	select {
	case <-p.exited:
		return nil
	case <-time.After(patience):
		_ = p.cmd.Process.Kill()
		return fmt.Errorf("%s did not end", filepath.Base(p.cmd.Path))
	}
}
