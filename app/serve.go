package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"runtime/debug"
	"strings"
	"sync"
)

type serveCommand struct {
	config `embed:""`
}

// Run serves until the process is told to stop, and then until every request in flight is answered.
func (c *serveCommand) Run(p *process) error {
	if err := c.load(p.getenv); err != nil {
		return err
	}
	c.tuneCollector(p.getenv)
	format := logFormat(p.stderr, c.LogFormat)
	stdout, closeStdout := patiently(p.stdout, "")
	defer closeStdout()
	stderr, closeStderr := patiently(p.stderr, lostLines(format))
	defer closeStderr()
	return c.serve(p.ctx, stdout, newLogger(stderr, format, c.LogLevel))
}

func (c *config) serve(ctx context.Context, stdout io.Writer, log *slog.Logger) (err error) {
	s, err := c.open(ctx, log)
	if err != nil && ctx.Err() != nil {
		sayStopped(stdout) // it was told to stop before it had begun
		return nil
	} else if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()

	listener, err := listen(ctx, "POSTERN_ADDR", c.Addr)
	if err != nil {
		return err
	}
	var debugListener net.Listener
	if c.DebugAddr != "" {
		if debugListener, err = listen(ctx, "POSTERN_DEBUG_ADDR", c.DebugAddr); err != nil {
			_ = listener.Close()
			return err
		}
	}
	c.greet(stdout, s.keysCreated, listener.Addr(), debugListener)

	// Whoever is still served while the service drains needs this as much as anyone.
	var beside sync.WaitGroup
	defer beside.Wait()
	life, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	beside.Go(debug.FreeOSMemory) // an idle service need not keep what only its start needed
	beside.Go(func() { s.ring.Watch(life) })
	for _, t := range s.background() {
		beside.Go(func() { t.repeat(life, log) })
	}
	if debugListener != nil {
		beside.Go(func() { s.serveDebug(life, debugListener, log) })
	}
	if err := s.serve(ctx, listener, c.timeouts(), log); err != nil {
		return err
	}
	sayStopped(stdout)
	return nil
}

// sayStopped ignores errors, as greet does: nobody may be reading any more.
func sayStopped(stdout io.Writer) { _, _ = fmt.Fprintln(stdout, "Postern has stopped.") }

// makeDataDir makes the data folder, for its owner alone. One that is already there keeps its mode.
func (c *dataConfig) makeDataDir() error {
	if err := os.MkdirAll(c.DataDir, 0o700); err != nil {
		return refuse("POSTERN_DATA_DIR", "(--data-dir) is a folder that cannot be made: "+cause(err))
	}
	return nil
}

// listen opens the address that a variable holds. What net says of a failure repeats the address.
func listen(ctx context.Context, variable, address string) (net.Listener, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err == nil {
		return listener, nil
	}
	reason := cause(err)
	if dns := (*net.DNSError)(nil); errors.As(err, &dns) {
		reason = dns.Err
	}
	return nil, fmt.Errorf("cannot listen at %s: %s", variable, reason)
}

// actual returns the configured address with the port that was taken: 0 means any.
func actual(configured string, taken net.Addr) string {
	host, _, _ := net.SplitHostPort(configured)
	_, port, _ := net.SplitHostPort(taken.String())
	return net.JoinHostPort(host, port)
}

// greet prints what a person who starts the service wants to know.
func (c *config) greet(stdout io.Writer, keysCreated bool, address net.Addr, debugListener net.Listener) {
	url, everywhere := "http://"+reachable(actual(c.Addr, address)), ""
	if host, _, _ := net.SplitHostPort(c.Addr); host == "" || isUnspecified(host) {
		everywhere = " (and every other address of this machine)"
	}
	keys := "found in " + c.keysFile()
	switch {
	case c.jwtSecret.IsSet():
		keys = "from POSTERN_JWT_SECRET"
	case keysCreated:
		keys = "generated now, in " + c.keysFile()
	}
	var b strings.Builder
	name, _ := build()
	fmt.Fprintf(&b, "Postern %s is ready.\n\n", name)
	fmt.Fprintf(&b, "  Address      %s%s\n", url, everywhere)
	fmt.Fprintf(&b, "  Docs         %s/docs\n", url)
	fmt.Fprintf(&b, "  Description  %s/openapi.json\n", url)
	if !c.databaseURL.IsSet() {
		fmt.Fprintf(&b, "  Data         %s\n", c.DataDir)
	}
	fmt.Fprintf(&b, "  Store        %s\n", c.storeName())
	fmt.Fprintf(&b, "  Keys         %s\n", keys)
	if debugListener != nil {
		fmt.Fprintf(&b, "  Debugging    http://%s/debug/pprof/\n", debugListener.Addr())
	}
	fmt.Fprint(&b, "\nStop it with Ctrl-C.\n")
	_, _ = io.WriteString(stdout, b.String())
}
