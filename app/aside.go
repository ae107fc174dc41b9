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

// aside is a listener beside the one of the API.
type aside struct {
	title             string // in the start message
	variable, address string // the setting
	path              string // of what the start message shows
	handler           http.Handler
	writeTimeout      time.Duration // 0 means none, because a profile takes as long as asked
	idleTimeout       time.Duration
	listener          net.Listener
}

// openAsides opens the listeners that are configured.
func (c *config) openAsides(ctx context.Context, s *service) (asides []aside, err error) {
	for _, a := range []aside{
		{title: "Metrics", variable: "POSTERN_METRICS_ADDR", address: c.MetricsAddr, path: "/metrics", handler: s.metrics, writeTimeout: writeTimeout},
		{title: "Debugging", variable: "POSTERN_DEBUG_ADDR", address: c.DebugAddr, path: "/debug/pprof/", handler: s.debugHandler()},
	} {
		if a.address == "" {
			continue
		}
		a.idleTimeout = c.IdleTimeout
		if a.listener, err = listen(ctx, a.variable, a.address); err != nil {
			for _, open := range asides {
				_ = open.listener.Close()
			}
			return nil, err
		}
		asides = append(asides, a)
	}
	return asides, nil
}

// serve answers requests until ctx ends.
func (a aside) serve(ctx context.Context, log *slog.Logger) {
	server := newServer(ctx, a.handler, a.idleTimeout, log)
	server.ReadTimeout, server.WriteTimeout = 0, a.writeTimeout // the end of ReadTimeout would end a profile
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
