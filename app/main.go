// Command postern serves the API that openapi.yaml describes. This package reads the settings, creates the adapters and
// services, listens, and shuts down. It contains no business rules.
//
//   - main.go, cli.go, help.go: the command line
//   - config.go, setting.go, secret.go, env.go: the settings
//   - serve.go, wire.go, keys.go, database.go, server.go: the service
//   - mail.go: how mails are sent, and the command that tests it
//   - memory.go: the limits of the garbage collector
//   - background.go: work beside requests
//   - log.go: the log
//   - copy.go, copy_tables.go, backup.go: commands that move or replace a store
//   - doctor.go, doctor_checks.go: the command that looks for problems
//   - operate.go: what the commands of operators share
//   - users.go, users_*.go, posts.go, epoch.go, audit.go: the commands of operators
//   - conformance.go, healthcheck.go, version.go: the other commands
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"golang.org/x/term"
)

// Exit codes.
const (
	exitFailed = 1
	exitUsage  = 2 // the command line or a setting cannot be used
)

func main() {
	// Without this, Go ends the process at once when the reader of stdout or stderr is gone.
	signal.Ignore(syscall.SIGPIPE)
	ctx, cancel := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, stopSignals...)
	go func() {
		<-signals
		// A second signal kills the process at once.
		signal.Reset(stopSignals...)
		cancel()
	}()
	os.Exit(start(ctx, os.Args[1:], os.Environ(), os.Stdin, os.Stdout, os.Stderr))
}

var stopSignals = []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP}

// start checks the names of all variables, runs the command, and returns the exit code.
func start(ctx context.Context, args, environ []string, stdin io.Reader, stdout, stderr io.Writer) int {
	var err error
	if !asksForHelp(args) {
		err = checkVariableNames(environ)
	}
	if err == nil {
		err = run(ctx, args, lookUp(environ), stdin, stdout, stderr)
	}
	if err == nil {
		return 0
	}
	if isReaderGone(err) {
		return exitFailed
	}
	_, _ = fmt.Fprintln(stderr, "postern:", oneLine(err.Error()))
	if _, refused := errors.AsType[*refusal](err); refused {
		return exitUsage
	}
	return exitFailed
}

// run runs the command that args name, with settings from getenv. The serve command returns after ctx has ended and all
// requests in flight have been answered. An error names the setting at fault and never contains its value.
func run(ctx context.Context, args []string, getenv func(string) string, stdin io.Reader, stdout, stderr io.Writer) error {
	command, err := parseCommand(args, getenv, stdout)
	if errors.Is(err, errHelpShown) {
		return nil
	} else if err != nil {
		return err
	}
	return command.Run(&process{ctx, getenv, stdin, stdout, stderr})
}

// process is the environment that a command runs in.
type process struct {
	ctx            context.Context
	getenv         func(string) string
	stdin          io.Reader
	stdout, stderr io.Writer
}

// errInterrupted is the error of a command that was told to stop before it was done.
var errInterrupted = errors.New("interrupted")

// isReaderGone reports whether the reader of stdout closed it early, as head does. Such an error needs no message.
func isReaderGone(err error) bool {
	e, ok := errors.AsType[*fs.PathError](err)
	return ok && e.Path == os.Stdout.Name() && errors.Is(e.Err, syscall.EPIPE)
}

// isTerminal reports whether a stream is a terminal.
func isTerminal(stream any) bool {
	file, isFile := stream.(*os.File)
	return isFile && term.IsTerminal(int(file.Fd()))
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
