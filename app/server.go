package main

import (
	"context"
	"errors"
	"expvar"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
	"time"
)

// Limits of a connection. With them a slow client delays neither other clients nor a shutdown.
const (
	readHeaderTimeout = 5 * time.Second
	readTimeout       = 15 * time.Second
	writeTimeout      = 30 * time.Second
	maxHeaderBytes    = 64 << 10
)

// timeouts are the limits that can be configured.
type timeouts struct {
	idle       time.Duration // how long a connection may be idle between two requests
	drainDelay time.Duration
	shutdown   time.Duration // includes drainDelay
}

// serve answers requests from the listener until ctx ends. Then it withdraws readiness, waits for t.drainDelay, closes the
// listener, and lets requests in flight finish. When t.shutdown has passed since ctx ended, it cuts off the rest and logs that.
func (s *service) serve(ctx context.Context, listener net.Listener, t timeouts, log *slog.Logger) error {
	// The signal to stop does not cancel requests. The timeout does.
	requests, cutOff := context.WithCancel(context.WithoutCancel(ctx))
	defer cutOff()
	server := newServer(requests, s.handler, t.idle, log)
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return fmt.Errorf("serve at POSTERN_ADDR: %w", err)
	case <-ctx.Done():
	}
	s.draining.Store(true)
	grace, cancel := context.WithTimeout(requests, t.shutdown)
	defer cancel()
	select {
	case err := <-failed:
		return fmt.Errorf("serve at POSTERN_ADDR: %w", err)
	case <-time.After(t.drainDelay):
	}
	if err := server.Shutdown(grace); errors.Is(err, context.DeadlineExceeded) {
		log.Warn("requests were cut off: they took longer than POSTERN_SHUTDOWN_TIMEOUT")
		cutOff()
		return server.Close()
	} else if err != nil {
		return fmt.Errorf("shut down: %w", err)
	}
	return nil
}

// newServer returns a server. The contexts of its requests are derived from base.
func newServer(base context.Context, handler http.Handler, idle time.Duration, log *slog.Logger) *http.Server {
	return &http.Server{
		Handler:                      handler,
		ReadHeaderTimeout:            readHeaderTimeout,
		ReadTimeout:                  readTimeout,
		WriteTimeout:                 writeTimeout,
		IdleTimeout:                  idle,
		MaxHeaderBytes:               maxHeaderBytes,
		DisableGeneralOptionsHandler: true, // the handler answers "OPTIONS *" too
		ErrorLog:                     slog.NewLogLogger(log.Handler(), slog.LevelWarn),
		BaseContext:                  func(net.Listener) context.Context { return base },
	}
}

// sideListener serves something other than the API at an address of its own.
type sideListener struct {
	title             string // in the start message
	variable, address string // the setting
	path              string // follows the address in the start message
	handler           http.Handler
	writeTimeout      time.Duration // 0 means none: a client asks for how long a profile takes
	idleTimeout       time.Duration
	listener          net.Listener
}

// openSideListeners opens the side listeners that are configured.
func (c *config) openSideListeners(ctx context.Context, s *service) (sideListeners []sideListener, err error) {
	for _, a := range []sideListener{
		{
			title: "Metrics", variable: "POSTERN_METRICS_ADDR", address: c.MetricsAddr, path: "/metrics",
			handler: s.metrics, writeTimeout: writeTimeout,
		},
		{title: "Debugging", variable: "POSTERN_DEBUG_ADDR", address: c.DebugAddr, path: "/debug/pprof/", handler: s.debugHandler()},
	} {
		if a.address == "" {
			continue
		}
		a.idleTimeout = c.IdleTimeout
		if a.listener, err = listen(ctx, a.variable, a.address); err != nil {
			for _, open := range sideListeners {
				_ = open.listener.Close()
			}
			return nil, err
		}
		sideListeners = append(sideListeners, a)
	}
	return sideListeners, nil
}

// serve answers requests until ctx ends.
func (a sideListener) serve(ctx context.Context, log *slog.Logger) {
	server := newServer(ctx, a.handler, a.idleTimeout, log)
	server.ReadTimeout, server.WriteTimeout = 0, a.writeTimeout // a profile may take longer than the usual timeouts
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()
	if err := server.Serve(a.listener); !errors.Is(err, http.ErrServerClosed) {
		log.Error("the listener at "+a.variable+" failed", slog.Any("error", err))
	}
}

// debugHandler serves profiles and counters.
func (s *service) debugHandler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	mux.HandleFunc("GET /debug/vars", s.serveVars)
	return mux
}

// serveVars is [expvar.Handler] with two variables of this service: the number of known ended sessions, and the age of that
// knowledge. They are not published with expvar, because a process may run several services.
func (s *service) serveVars(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_, _ = fmt.Fprintf(w, "{\n\"postern_ended_sessions\": {\"count\": %d, \"staleness_seconds\": %.3f}",
		s.ended.Len(), s.ended.Staleness().Seconds())
	expvar.Do(func(v expvar.KeyValue) { _, _ = fmt.Fprintf(w, ",\n%q: %s", v.Key, v.Value) })
	_, _ = fmt.Fprint(w, "\n}\n")
}
