// Package metrics counts what happens and serves the counts in the text format of Prometheus. Names of requests follow the
// semantic conventions of OpenTelemetry. No name or label ever comes from a client.
package metrics

import (
	"bytes"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	vm "github.com/VictoriaMetrics/metrics"
)

// Registry holds the metrics of one service. It is safe for concurrent use.
type Registry struct {
	set    *vm.Set
	active atomic.Int64 // requests

	mu       sync.RWMutex
	requests map[requestLabels]*vm.PrometheusHistogram

	serving sync.Mutex // held while the metrics are collected, which stops the world
}

// New returns a registry that counts requests.
func New() *Registry {
	vm.ExposeMetadata(true)
	r := &Registry{set: vm.NewSet(), requests: map[requestLabels]*vm.PrometheusHistogram{}}
	r.Gauge("http_server_active_requests", func() float64 { return float64(r.active.Load()) })
	return r
}

// Counter returns a function that counts one event. Labels are pairs of a name and a value. The counter may exist already.
func (r *Registry) Counter(name string, labels ...string) (count func()) {
	return r.set.GetOrCreateCounter(series(name, labels)).Inc
}

// Gauge adds a value that is read whenever the metrics are served.
func (r *Registry) Gauge(name string, read func() float64, labels ...string) {
	r.set.GetOrCreateGauge(series(name, labels), read)
}

// Time returns a function that sets a gauge to the present time, which is also its first value.
func (r *Registry) Time(name string, labels ...string) (now func()) {
	gauge := r.set.GetOrCreateGauge(series(name, labels), nil)
	now = func() { gauge.Set(float64(time.Now().UnixMilli()) / 1000) }
	now()
	return now
}

// Histogram returns a function that adds a value to a histogram with the given upper bounds of buckets.
func (r *Registry) Histogram(name string, bounds []float64) (observe func(float64)) {
	return r.set.GetOrCreatePrometheusHistogramExt(name, bounds).Update
}

// series returns the name of a series: the name of its metric and its labels.
func series(name string, labels []string) string {
	var b strings.Builder
	b.WriteString(name)
	separator := "{"
	for i := 0; i+1 < len(labels); i += 2 {
		b.WriteString(separator + labels[i] + "=" + strconv.Quote(labels[i+1]))
		separator = ","
	}
	if len(labels) > 0 {
		b.WriteString("}")
	}
	return b.String()
}

// ServeHTTP serves GET /metrics, and nothing else.
func (r *Registry) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	switch {
	case request.URL.Path != "/metrics":
		http.NotFound(w, request)
	case request.Method != http.MethodGet && request.Method != http.MethodHead:
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
	default:
		w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
		_, _ = w.Write(r.page())
	}
}

// page returns all metrics, with those of Go and of the process.
func (r *Registry) page() []byte {
	r.serving.Lock()
	defer r.serving.Unlock()
	var page bytes.Buffer
	r.set.WritePrometheus(&page)
	vm.WriteGoMetrics(&page)
	vm.WriteProcMetrics(&page)
	vm.WriteFDMetrics(&page)
	return page.Bytes()
}
