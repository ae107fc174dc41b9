package rest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"runtime/debug"
	"time"

	"example.com/postern/domain"
)

// response remembers what was answered.
type response struct {
	http.ResponseWriter
	status int
	call   *call
}

// Reserve counts the octets of an answer that is about to be written, and returns an error if there is no room for them.
func (w *response) Reserve(octets int) error { return w.call.work.holdAnswer(int64(octets)) }

func (w *response) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
		w.call.place.leave()
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *response) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
		w.call.place.leave()
	}
	return w.ResponseWriter.Write(b)
}

// Unwrap serves http.ResponseController.
func (w *response) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// withCall is the outermost step: it lets the request in, names it, survives its panics, and logs it.
func withCall(next http.Handler, door *door, log *slog.Logger) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		start := time.Now()
		client := door.clients.of(r)
		place, ok := door.enter(rw, r, client)
		if !ok {
			return
		}
		c, r := newCall(r, client, door.publicURL)
		c.place = place
		defer c.place.leave()
		w := &response{ResponseWriter: rw, call: c}
		maps.Copy(w.Header(), securityHeaders)
		w.Header().Set("X-Request-Id", c.id)
		if len(r.TransferEncoding) > 0 {
			// There may have been a Content-Length too, which net/http does not tell (RFC 9112, section 6.3).
			w.Header().Set("Connection", "close")
		}
		defer func() {
			failure := recover()
			abort := failure == http.ErrAbortHandler
			if failure != nil && !abort {
				abort = answerPanic(w, r, &panicError{failure, debug.Stack()})
			}
			if errors.Is(c.err, context.Canceled) && r.Context().Err() != nil {
				w.status = statusClientGone
			}
			logCall(log, r, c, w.status, time.Since(start))
			if abort {
				panic(http.ErrAbortHandler)
			}
		}()
		next.ServeHTTP(w, r)
	})
}

// panicError is a panic on its way to the log. What was panicked with may hold anything, so only its type is told.
type panicError struct {
	value any
	stack []byte
}

func (e *panicError) Error() string { return fmt.Sprintf("panic with a %T", e.value) }

// answerPanic tells whether the connection must be cut, because half an answer must not look like a whole one.
func answerPanic(w *response, r *http.Request, err error) (abort bool) {
	if w.status != 0 {
		w.status, callOf(r.Context()).err = http.StatusInternalServerError, err
		return true
	}
	writeProblem(w, r, err)
	return false
}

// logCall writes the access line: nothing of the query string, the path's values, or the body.
func logCall(log *slog.Logger, r *http.Request, c *call, status int, took time.Duration) {
	if probes[c.operation] && status != http.StatusInternalServerError {
		return
	}
	attrs := []slog.Attr{
		slog.String("request_id", c.id),
		slog.String("method", safeMethod(r.Method)),
		slog.String("operation", c.operation),
		slog.Int("status", status),
		slog.Float64("duration_ms", float64(took.Microseconds())/1000),
		slog.String("ip", c.client.IP),
	}
	if c.caller.UserID != 0 {
		attrs = append(attrs, slog.Int64("caller", int64(c.caller.UserID)))
	}
	if c.err != nil {
		attrs = append(attrs, slog.String("reason", c.err.Error()))
	}
	var p *panicError
	if errors.As(c.err, &p) {
		attrs = append(attrs, slog.String("stack", string(p.stack)))
	}
	log.LogAttrs(r.Context(), levelOf(status, c.err), "request", attrs...)
}

// levelOf says who should look: at a fault of ours, or of what we stand on, the operator.
func levelOf(status int, err error) slog.Level {
	switch {
	case status == statusClientGone:
		return slog.LevelInfo
	case status == http.StatusInternalServerError, errors.Is(err, domain.ErrStoreUnavailable):
		return slog.LevelError
	case status >= http.StatusInternalServerError:
		return slog.LevelWarn
	}
	return slog.LevelInfo
}

// statusClientGone is logged, by nginx's convention, when nobody waited for the answer.
const statusClientGone = 499

var probes = map[string]bool{"GetHealth": true, "GetReadiness": true}

// safeMethod keeps what a client made up out of the log.
func safeMethod(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete,
		http.MethodOptions, http.MethodTrace, http.MethodConnect:
		return method
	}
	return "other"
}
