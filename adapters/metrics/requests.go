package metrics

import (
	"strconv"
	"time"

	vm "github.com/VictoriaMetrics/metrics"
)

// requestLabels are the labels of a series of requests.
type requestLabels struct {
	operation string
	status    int
}

// durations are the bounds of the buckets of requests, in seconds. A read takes less than a millisecond, a login about 20.
var durations = []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}

// RequestBegan counts a request that is being processed.
func (r *Registry) RequestBegan() { r.active.Add(1) }

// RequestEnded counts a request that has been processed. It allocates only for a new pair of operation and status.
func (r *Registry) RequestEnded(operation string, status int, took time.Duration) {
	r.active.Add(-1)
	labels := requestLabels{operation, status}
	r.mu.RLock()
	histogram := r.requests[labels]
	r.mu.RUnlock()
	if histogram == nil {
		histogram = r.addRequests(labels)
	}
	histogram.Update(took.Seconds())
}

func (r *Registry) addRequests(labels requestLabels) *vm.PrometheusHistogram {
	name := series("http_server_request_duration_seconds", []string{"operation", labels.operation, "status", strconv.Itoa(labels.status)})
	histogram := r.set.GetOrCreatePrometheusHistogramExt(name, durations)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.requests[labels] = histogram
	return histogram
}

// AddLimit adds a limit that refuses requests. Its count begins at 0.
func (r *Registry) AddLimit(limit string) (hit func()) {
	return r.Counter("postern_limits_hit_total", "limit", limit)
}

// LimitHit counts a request that was refused because of a limit.
func (r *Registry) LimitHit(limit string) { r.AddLimit(limit)() }
