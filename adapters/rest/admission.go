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

// admission limits how many requests are processed at once. It rejects other requests at once. A request holds a slot while
// the service processes it. It holds none while its body is read or its answer is written, so slow clients hold no slots.
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
	// When requests compete for the processors, let other ready requests reach this point, so that they find the slot taken
	// and are rejected at once. Otherwise a request that never blocks would finish before the next one starts. Requests
	// would then queue in the scheduler, which has no limit.
	if a.slots.inUse() > int64(runtime.GOMAXPROCS(0)) {
		runtime.Gosched()
	}
	return slot, true
}

// refusalReportInterval is how often rejected requests are logged.
const refusalReportInterval = time.Second

// newBusyHandler returns the handler for requests that are not admitted. It must be cheap, because it runs most often under
// the highest load. It encodes the answer once, except for the request's identifiers, and logs one line per second instead
// of one per request.
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
