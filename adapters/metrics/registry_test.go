package metrics_test

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/adapters/metrics"
)

func send(r *metrics.Registry, method, target string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	r.ServeHTTP(w, httptest.NewRequest(method, target, nil))
	return w
}

func scrape(r *metrics.Registry) string { return send(r, http.MethodGet, "/metrics").Body.String() }

func TestOnlyMetricsAreServed(t *testing.T) {
	t.Parallel()
	r := metrics.New()
	page := send(r, http.MethodGet, "/metrics?x=1")
	require.Equal(t, http.StatusOK, page.Code)
	require.Equal(t, "text/plain; version=0.0.4; charset=utf-8", page.Header().Get("Content-Type"))
	for _, method := range []string{http.MethodPost, http.MethodOptions, http.MethodDelete, "PROPFIND"} {
		refused := send(r, method, "/metrics")
		require.Equal(t, http.StatusMethodNotAllowed, refused.Code, method)
		require.Equal(t, "GET, HEAD", refused.Header().Get("Allow"))
	}
	for _, target := range []string{"/", "/metrics/", "//metrics", "/x/../metrics", "/debug/pprof/", "/healthz", "/posts"} {
		require.Equal(t, http.StatusNotFound, send(r, http.MethodGet, target).Code, target)
	}
}

func TestRequestsAreCounted(t *testing.T) {
	t.Parallel()
	r := metrics.New()
	for _, took := range []time.Duration{time.Microsecond, 500 * time.Microsecond, 501 * time.Microsecond, 3 * time.Millisecond, time.Minute} {
		r.RequestBegan()
		r.RequestEnded("GetPost", 200, took)
	}
	r.RequestBegan()
	page := scrape(r)
	for _, line := range []string{
		"# TYPE http_server_request_duration_seconds histogram",
		`http_server_request_duration_seconds_bucket{operation="GetPost",status="200",le="0.0005"} 2`,
		`http_server_request_duration_seconds_bucket{operation="GetPost",status="200",le="0.001"} 3`,
		`http_server_request_duration_seconds_bucket{operation="GetPost",status="200",le="0.0025"} 3`,
		`http_server_request_duration_seconds_bucket{operation="GetPost",status="200",le="0.005"} 4`,
		`http_server_request_duration_seconds_bucket{operation="GetPost",status="200",le="10"} 4`,
		`http_server_request_duration_seconds_bucket{operation="GetPost",status="200",le="+Inf"} 5`,
		`http_server_request_duration_seconds_count{operation="GetPost",status="200"} 5`,
		"# TYPE http_server_active_requests gauge",
		"http_server_active_requests 1",
	} {
		require.Contains(t, page, line+"\n")
	}
}

func TestCountersGaugesAndHistograms(t *testing.T) {
	t.Parallel()
	r := metrics.New()
	r.Counter("events_total", "event", `odd "name"`)
	count := r.Counter("events_total", "event", "a", "b", "c")
	count()
	count()
	r.LimitHit("writes")
	r.Gauge("level", func() float64 { return 1.5 }, "state", "idle")
	observe := r.Histogram("sizes", []float64{1, 2})
	observe(1)
	observe(7)
	page := scrape(r)
	for _, line := range []string{
		"# TYPE events_total counter", `events_total{event="odd \"name\""} 0`, `events_total{event="a",b="c"} 2`,
		`postern_limits_hit_total{limit="writes"} 1`,
		"# TYPE level gauge", `level{state="idle"} 1.5`,
		`sizes_bucket{le="1"} 1`, `sizes_bucket{le="2"} 1`, `sizes_bucket{le="+Inf"} 2`, "sizes_sum 8", "sizes_count 2",
	} {
		require.Contains(t, page, line+"\n")
	}
	require.NotContains(t, scrape(metrics.New()), "events_total", "registries are independent")
}

// TestTextFormat checks each line of a page, and that the lines of a metric follow its type.
func TestTextFormat(t *testing.T) {
	t.Parallel()
	r := metrics.New()
	r.RequestBegan()
	r.RequestEnded("GetPost", 200, time.Second)
	r.RequestBegan()
	r.RequestEnded("unmatched", 404, time.Second)
	sample := regexp.MustCompile(`^([a-z_][a-z0-9_]*)(\{([a-zA-Z_]+="([^"\\]|\\.)*",?\s?)+\})? -?[0-9.e+-]+$`)
	suffix := regexp.MustCompile(`_(bucket|sum|count)$`)
	types := map[string]string{}
	current := ""
	for line := range strings.Lines(scrape(r)) {
		line = strings.TrimSuffix(line, "\n")
		if name, found := strings.CutPrefix(line, "# TYPE "); found {
			name, kind, _ := strings.Cut(name, " ")
			require.NotContains(t, types, name, "a metric has one type")
			types[name], current = kind, name
			continue
		}
		if strings.HasPrefix(line, "# HELP ") {
			continue
		}
		found := sample.FindStringSubmatch(line)
		require.NotNil(t, found, line)
		require.True(t, found[1] == current || suffix.ReplaceAllString(found[1], "") == current, line)
	}
	require.Equal(t, "histogram", types["http_server_request_duration_seconds"])
	require.Equal(t, "gauge", types["go_goroutines"])
}

func TestRequestsAtOnce(t *testing.T) {
	t.Parallel()
	r := metrics.New()
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 100 {
				r.RequestBegan()
				r.RequestEnded("GetPost", 200, time.Millisecond)
				r.LimitHit("writes")
			}
		})
	}
	scrape(r)
	all.Wait()
	page := scrape(r)
	require.Contains(t, page, `http_server_request_duration_seconds_count{operation="GetPost",status="200"} 800`)
	require.Contains(t, page, `postern_limits_hit_total{limit="writes"} 800`)
	require.Contains(t, page, "http_server_active_requests 0\n")
}

// TestARequestAllocatesNothing is not parallel, because other goroutines would be counted.
func TestARequestAllocatesNothing(t *testing.T) {
	r := metrics.New()
	require.Zero(t, testing.AllocsPerRun(100, func() {
		r.RequestBegan()
		r.RequestEnded("GetPost", 200, time.Millisecond)
	}))
}

func BenchmarkRequest(b *testing.B) {
	r := metrics.New()
	b.ReportAllocs()
	for b.Loop() {
		r.RequestBegan()
		r.RequestEnded("GetPost", 200, 3*time.Millisecond)
	}
}
