package rest

import (
	"bytes"
	"log/slog"
	"maps"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"example.com/postern/domain"
)

// admission limits how many requests are processed at once. It rejects the others before it spends anything on them. A
// request holds a slot while the service processes it, but not while its body is read or its answer is written: slow
// clients hold none.
type admission struct {
	slots     *budget         // counts requests; nil means no limit
	probes    map[string]bool // paths that are always admitted
	clients   clientResolver
	publicURL string // see [Options.PublicURL]
	refuse    http.Handler
}

// admit takes a slot for a request. If none is free, it answers the request and returns false.
func (a *admission) admit(w http.ResponseWriter, r *http.Request, client domain.Client) (slot share, ok bool) {
	if a.slots == nil || a.probes[strings.TrimSuffix(r.URL.Path, "/")] {
		return share{}, true
	}
	slot = newShare(a.slots, r, client)
	if slot.resize(1) != nil {
		a.refuse.ServeHTTP(w, r)
		return share{}, false
	}
	// When requests compete for the processors, let the others that are ready reach this point now, so that they see the slot
	// taken and are rejected at once. Without this, a request that never blocks would finish before the next one starts, and
	// requests would queue in the scheduler, which has no limit.
	if a.slots.inUse() > int64(runtime.GOMAXPROCS(0)) {
		runtime.Gosched()
	}
	return slot, true
}

// refusalReportInterval is how often rejected requests are logged.
const refusalReportInterval = time.Second

// newBusyHandler returns the handler for requests that are not admitted. It runs most often under the highest load. The
// answer is therefore encoded once, except for the request's identifiers, and the log has one line a second instead of
// one a request.
func newBusyHandler(publicURL string, log *slog.Logger) http.Handler {
	refused := &refusalLog{log: log}
	failure, status := classify(errBudget)
	header := securityHeaders.Clone()
	setProblemHeaders(header, failure, status)
	const id, traceID = "{id}", "{trace}"
	body := problemBody(newProblem(failure, status, &requestState{id: id, traceID: traceID, publicURL: publicURL}, nil))
	before, rest, _ := bytes.Cut(body, []byte(id))
	middle, after, _ := bytes.Cut(rest, []byte(traceID))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		refused.count()
		id, traceID := identify(r.Header)
		maps.Copy(w.Header(), header)
		w.Header()["X-Request-Id"] = []string{id}
		w.WriteHeader(status)
		_, _ = w.Write(slices.Concat(before, []byte(id), middle, []byte(traceID), after))
	})
}

// refusalLog logs how many requests were rejected, at most once per [refusalReportInterval].
type refusalLog struct {
	log      *slog.Logger
	requests atomic.Int64 // since the last report
}

func (c *refusalLog) count() {
	if c.requests.Add(1) == 1 {
		time.AfterFunc(refusalReportInterval, c.report)
	}
}

func (c *refusalLog) report() {
	c.log.Warn("requests were rejected because too many are in progress", slog.Int64("requests", c.requests.Swap(0)))
}
