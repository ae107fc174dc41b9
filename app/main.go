// Command postern serves the API that openapi.yaml describes. This package wires: it reads the settings, makes the
// adapters and hands them to the domain's services, listens, and drains. It holds no rule of the service.
//
//   - main.go, cli.go, help.go: from the command line to a command
//   - config.go, config_*.go, setting.go, secret.go, env.go: the settings
//   - serve.go, wire.go, database.go, server.go: the service's life
//   - memory.go: how much garbage the service lets wait
//   - background.go, task.go: what it does beside answering requests
//   - log.go, security_log.go: what it says
//   - copy.go, copy_*.go, backup.go, restore.go, epoch.go: the store's way to another place, and back
//   - users.go, users_*.go: what an operator can do to accounts
//   - keys.go, conformance.go, healthcheck.go, version.go: the other commands
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
)

// Exit codes.
const (
	exitFailed = 1
	exitUsage  = 2 // the command line or a setting is wrong, or leads nowhere
)

func main() {
	// Otherwise Go ends the process, before anything is tidied up, when the reader of stdout or stderr has gone.
	signal.Ignore(syscall.SIGPIPE)
	ctx, cancel := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, stopSignals...)
	go func() {
		<-signals
		// From the first signal on the default action is back: a second one kills at once.
		signal.Reset(stopSignals...)
		cancel()
	}()
	os.Exit(start(ctx, os.Args[1:], os.Environ(), os.Stdin, os.Stdout, os.Stderr))
}

var stopSignals = []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP}

// start checks the names in environ, which are all that run cannot see, runs, and returns the exit code.
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
	if refused := (*refusal)(nil); errors.As(err, &refused) {
		return exitUsage
	}
	return exitFailed
}

// run is the program: args without its name, getenv for its settings. It returns when the command is done, for serve
// after ctx ended and every request in flight was answered. The error names the setting at fault, and holds no value of one.
func run(ctx context.Context, args []string, getenv func(string) string, stdin io.Reader, stdout, stderr io.Writer) error {
	command, err := parseCommand(args, getenv, stdout)
	if errors.Is(err, errHelpShown) {
		return nil
	} else if err != nil {
		return err
	}
	return command.Run(&process{ctx, getenv, stdin, stdout, stderr})
}

// process is what a command needs of the world.
type process struct {
	ctx            context.Context
	getenv         func(string) string
	stdin          io.Reader
	stdout, stderr io.Writer
}

// isReaderGone reports whether the reader of stdout had seen enough, as head may have, which is no news to anybody.
func isReaderGone(err error) bool {
	e, ok := errors.AsType[*fs.PathError](err)
	return ok && e.Path == os.Stdout.Name() && errors.Is(e.Err, syscall.EPIPE)
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
