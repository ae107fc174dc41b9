package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync"
)

type serveCommand struct {
	config `embed:""`
}

// Run serves until the process is told to stop and every request in flight has been answered.
func (c *serveCommand) Run(p *process) error {
	if err := c.load(p.getenv); err != nil {
		return err
	}
	format := logFormat(p.stderr, c.LogFormat)
	stdout, closeStdout := nonBlocking(p.stdout, "")
	defer closeStdout()
	stderr, closeStderr := nonBlocking(p.stderr, lostLines(format))
	defer closeStderr()
	log := newLogger(stderr, format, c.LogLevel)
	slog.SetDefault(log) // for libraries
	if warning := c.tuneCollector(p.getenv, cgroupMemory(os.DirFS("/"))); warning != "" {
		log.Warn(warning)
	}
	return c.serve(p.ctx, stdout, log)
}

func (c *config) serve(ctx context.Context, stdout io.Writer, log *slog.Logger) (err error) {
	s, err := c.open(ctx, log)
	if err != nil && ctx.Err() != nil {
		sayStopped(stdout) // the start was interrupted
		return nil
	} else if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()

	listener, err := listen(ctx, "POSTERN_ADDR", c.Addr)
	if err != nil {
		return err
	}
	url := "http://" + reachable(withPort(c.Addr, listener.Addr()))
	var sideListeners []sideListener
	if err = c.connect(s, url, log); err == nil {
		sideListeners, err = c.openSideListeners(ctx, s)
	}
	if err != nil {
		_ = listener.Close()
		return err
	}
	c.greet(stdout, s.keysCreated, url, sideListeners)

	// Background work goes on while the service drains, until the last request has been answered.
	var background sync.WaitGroup
	defer background.Wait()
	backgroundCtx, stop := context.WithCancel(context.WithoutCancel(ctx))
	defer stop()
	background.Go(debug.FreeOSMemory) // returns memory that only the start needed
	background.Go(func() { s.ring.Watch(backgroundCtx) })
	sendingCtx, stopSending := context.WithCancel(ctx)
	defer stopSending()
	background.Go(func() {
		counted(s.sending(), s.metrics).repeat(sendingCtx, log)
		s.mail.Wait()
	})
	for _, t := range s.tasks() {
		background.Go(func() { counted(t, s.metrics).repeat(backgroundCtx, log) })
	}
	for _, a := range sideListeners {
		background.Go(func() { a.serve(backgroundCtx, log) })
	}
	if err := s.serve(ctx, listener, timeouts{c.IdleTimeout, c.DrainDelay, c.ShutdownTimeout}, log); err != nil {
		return err
	}
	sayStopped(stdout)
	return nil
}

// sayStopped prints the last message. Like greet, it ignores errors, because the reader may be gone.
func sayStopped(stdout io.Writer) { _, _ = fmt.Fprintln(stdout, "Postern has stopped.") }

// makeDataDir creates the data folder if it does not exist, with access for its owner only.
func (c *dataConfig) makeDataDir() error {
	if err := os.MkdirAll(c.DataDir, 0o700); err != nil {
		return refuse("POSTERN_DATA_DIR", "(--data-dir) is a folder that cannot be created: "+cause(err))
	}
	return nil
}

// listen opens the address that a variable holds. Its errors do not repeat the address, as those of net do.
func listen(ctx context.Context, variable, address string) (net.Listener, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", address)
	if err == nil {
		return listener, nil
	}
	reason := cause(err)
	if dns, ok := errors.AsType[*net.DNSError](err); ok {
		reason = dns.Err
	}
	return nil, fmt.Errorf("cannot listen at %s: %s", variable, reason)
}

// withPort returns the configured address with the port in use. That port differs from the configured one if the latter is
// 0.
func withPort(configured string, used net.Addr) string {
	host, _, _ := net.SplitHostPort(configured)
	_, port, _ := net.SplitHostPort(used.String())
	return net.JoinHostPort(host, port)
}

// greet prints the URL of the service on this machine, and where its data and keys are.
func (c *config) greet(stdout io.Writer, keysCreated bool, url string, sideListeners []sideListener) {
	everywhere := ""
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
	for _, a := range sideListeners {
		fmt.Fprintf(&b, "  %-12s http://%s%s\n", a.title, a.listener.Addr(), a.path)
	}
	mails := "sent to the server of POSTERN_SMTP_URL"
	if c.smtp == nil {
		mails = "written to " + filepath.Join(c.DataDir, mailFolder)
	}
	fmt.Fprintf(&b, "  Mail         %s; links lead to %s\n", mails, c.mailLink(url))
	fmt.Fprint(&b, "\nStop it with Ctrl-C.\n")
	_, _ = io.WriteString(stdout, b.String())
}
