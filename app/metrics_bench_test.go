package main

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/postern/adapters/metrics"
	"example.com/postern/adapters/rest"
	"example.com/postern/domain"
)

// observedHandlers returns two handlers without services: one with metrics, and one without.
func observedHandlers(tb testing.TB) map[string]http.Handler {
	tb.Helper()
	handlers := map[string]http.Handler{}
	for name, observer := range map[string]rest.Observer{"off": nil, "on": metrics.New()} {
		handler, err := rest.NewHandler(rest.Options{
			Auth:     struct{ domain.AuthService }{},
			Sessions: struct{ domain.SessionService }{},
			Users:    struct{ domain.UserService }{},
			Posts:    struct{ domain.PostService }{},
			Exports:  struct{ domain.ExportService }{},
			Emails:   struct{ domain.EmailService }{},
			Cursors:  struct{ rest.CursorSealer }{},
			Keys:     func() []byte { return nil },
			Ready:    func(context.Context) error { return nil },
			Log:      slog.New(slog.DiscardHandler),
			Observe:  observer,
		})
		require.NoError(tb, err)
		handlers[name] = handler
	}
	return handlers
}

// request returns a function that sends the cheapest request.
func request(handler http.Handler) func() {
	r := httptest.NewRequest(http.MethodGet, "/healthz", nil)
	return func() { handler.ServeHTTP(httptest.NewRecorder(), r) }
}

// TestMetricsAllocateNothing is not parallel, because other goroutines would be counted. It compares the least of several runs,
// because the race detector empties pools at random.
func TestMetricsAllocateNothing(t *testing.T) {
	least := map[string]float64{}
	for name, handler := range observedHandlers(t) {
		send := request(handler)
		least[name] = testing.AllocsPerRun(1, send)
		for range 1000 {
			least[name] = min(least[name], testing.AllocsPerRun(1, send))
		}
	}
	require.Equal(t, least["off"], least["on"])
}

func BenchmarkMetrics(b *testing.B) {
	handlers := observedHandlers(b)
	for _, name := range []string{"off", "on"} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			send := request(handlers[name])
			for b.Loop() {
				send()
			}
		})
	}
}
