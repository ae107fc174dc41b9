package rest

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"runtime/debug"
	"time"

	"example.com/postern/api"
	"example.com/postern/domain"
)

// response records the status of an answer. It releases the request's slot when the answer begins.
type response struct {
	http.ResponseWriter
	status int
	state  *requestState
}

// Reserve charges an answer that is about to be written. It returns an error if the memory budget has no room for it.
func (w *response) Reserve(size int) error { return w.state.memory.addAnswer(int64(size)) }

func (w *response) WriteHeader(status int) {
	w.begin(status)
	w.ResponseWriter.WriteHeader(status)
}

func (w *response) Write(b []byte) (int, error) {
	w.begin(http.StatusOK)
	return w.ResponseWriter.Write(b)
}

func (w *response) begin(status int) {
	if w.status == 0 {
		w.status = status
		w.state.slot.release()
	}
}

// Unwrap supports [http.ResponseController].
func (w *response) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// withRequestState is the outermost step. It admits the request, gives it an identifier, recovers from panics and
// writes the access log and the metrics.
func withRequestState(next http.Handler, admission *admission, observer Observer, log *slog.Logger) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		start := time.Now()
		observer.RequestBegan()
		client := admission.clients.resolve(r)
		slot, ok := admission.admit(rw, r, client)
		if !ok {
			observer.LimitHit(limitRequests)
			observer.RequestEnded(operationRejected, http.StatusServiceUnavailable, time.Since(start))
			return
		}
		state := &requestState{publicURL: admission.publicURL, client: client, slot: slot, head: r.Method == http.MethodHead}
		state.id, state.traceID = identify(r.Header)
		r = r.WithContext(context.WithValue(r.Context(), stateKey{}, state))
		defer state.slot.release()
		w := &response{ResponseWriter: rw, state: state}
		maps.Copy(w.Header(), securityHeaders)
		w.Header().Set("X-Request-Id", state.id)
		if len(r.TransferEncoding) > 0 {
			// net/http hides whether the request also had a Content-Length. Both together are an attempt at request
			// smuggling (RFC 9112, section 6.3).
			w.Header().Set("Connection", "close")
		}
		defer func() {
			failure := recover()
			abort := failure == http.ErrAbortHandler
			if failure != nil && !abort {
				abort = answerPanic(w, r, &panicError{failure, debug.Stack()})
			}
			if broken, ok := errors.AsType[*api.BrokenAnswerError](state.err); ok {
				w.status = brokenStatus(broken)
			}
			if errors.Is(state.err, context.Canceled) && r.Context().Err() != nil {
				w.status = statusClientGone
			}
			took := time.Since(start)
			logRequest(log, r, state, w.status, took)
			observeRequest(observer, state, w.status, took)
			if abort {
				panic(http.ErrAbortHandler)
			}
		}()
		next.ServeHTTP(w, r)
	})
}

// brokenStatus returns the status to log for an answer that was cut off. It is the status of the error, or
// [statusClientGone] if the client left or read too slowly.
func brokenStatus(err *api.BrokenAnswerError) int {
	if _, lost := errors.AsType[*net.OpError](err); lost {
		return statusClientGone
	}
	_, status := classify(err)
	return status
}

// panicError is a recovered panic. Its text gives only the type of the value, because the value may contain secrets.
type panicError struct {
	value any
	stack []byte
}

func (e *panicError) Error() string { return fmt.Sprintf("panic with a %T", e.value) }

// answerPanic answers with a problem unless an answer has begun. It reports whether the connection must be aborted: a
// partial answer must not look complete.
func answerPanic(w *response, r *http.Request, err error) (abort bool) {
	if w.status != 0 {
		w.status, stateOf(r.Context()).err = http.StatusInternalServerError, err
		return true
	}
	writeProblem(w, r, err)
	return false
}

// logRequest writes the access log line. The line contains nothing of the query, the path parameters or the body.
func logRequest(log *slog.Logger, r *http.Request, state *requestState, status int, took time.Duration) {
	if probeOperations[state.operation] && status != http.StatusInternalServerError {
		return
	}
	attrs := []slog.Attr{
		slog.String("request_id", state.id),
		slog.String("trace_id", state.traceID),
		slog.String("method", knownMethod(r.Method)),
		slog.String("operation", state.operation),
		slog.Int("status", status),
		slog.Float64("duration_ms", float64(took.Microseconds())/1000),
		slog.String("ip", state.client.IP),
	}
	if state.caller.UserID != 0 {
		attrs = append(attrs, slog.Int64("caller", int64(state.caller.UserID)))
	}
	if state.err != nil {
		attrs = append(attrs, slog.String("reason", state.err.Error()))
	}
	if p, ok := errors.AsType[*panicError](state.err); ok {
		attrs = append(attrs, slog.String("stack", string(p.stack)))
	}
	log.LogAttrs(r.Context(), logLevel(status, state.err), "request", attrs...)
}

// logLevel returns the level of an access log line. Errors need the attention of the operator.
func logLevel(status int, err error) slog.Level {
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

// statusClientGone is logged if the client left before the answer, as nginx does.
const statusClientGone = 499

var probeOperations = map[string]bool{"GetHealth": true, "GetReadiness": true}

// knownMethod returns a standard method as it is and "other" for anything else, which could be any text.
func knownMethod(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete,
		http.MethodOptions, http.MethodTrace, http.MethodConnect:
		return method
	}
	return "other"
}
