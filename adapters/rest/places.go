package rest

import (
	"bytes"
	"log/slog"
	"maps"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"example.com/postern/domain"
)

// door bounds how many requests are worked on at once, and refuses the others before anything is spent on them. A request holds a
// place while the service works on it, but not while its body is read or its answer is written, so that slow clients hold none.
type door struct {
	places    *budget         // counts requests; nil has no bound
	probes    map[string]bool // the paths that are always let in
	clients   clients
	publicURL string // see [Options.PublicURL]
	refuse    http.Handler
}

// enter takes a place for a request. If there is none it has answered, and returns false.
func (d *door) enter(w http.ResponseWriter, r *http.Request, client domain.Client) (place, bool) {
	if d.places == nil || d.probes[strings.TrimSuffix(r.URL.Path, "/")] {
		return place{}, true
	}
	p := place{door: d, network: client.Network()}
	if !d.places.take(p.network, 1, isWrite(r)) {
		d.refuse.ServeHTTP(w, r)
		return place{}, false
	}
	p.held = true
	// Requests that are ready to be read go first: they are to find the place taken, and be refused soon. Otherwise one that never
	// waits would be done before the next is looked at, and the queue would be in the scheduler, where nothing bounds it.
	runtime.Gosched()
	return p, true
}

// place is what one request holds of the door. The zero place is of a request that needs none.
type place struct {
	door    *door
	network domain.Network
	held    bool
}

// leave gives the place back, if it is held.
func (p *place) leave() { p.set(false) }

// take takes the place again, even if there is none left: the request has been let in.
func (p *place) take() { p.set(true) }

func (p *place) set(held bool) {
	if p.door == nil || p.held == held {
		return
	}
	p.held = held
	change := int64(-1)
	if held {
		change = 1
	}
	p.door.places.mu.Lock()
	defer p.door.places.mu.Unlock()
	p.door.places.add(p.network, change)
}

// reportEvery is how often the log says that requests were refused at the door.
const reportEvery = time.Second

// newBusy returns what refuses a request at the door. Many are refused when there is the least time for them, so the answer is made
// once, but for the request's identifier, and the log has a line a second instead of one a request.
func newBusy(publicURL string, log *slog.Logger) http.Handler {
	refused := &refusalCount{log: log}
	failure, status := classify(errBudget)
	header := securityHeaders.Clone()
	setProblemHeaders(header, failure, status)
	const mark = "{id}"
	before, after, _ := bytes.Cut(problemBody(newProblem(failure, status, &call{id: mark, publicURL: publicURL}, nil)), []byte(mark))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		refused.count()
		id := requestID(r)
		maps.Copy(w.Header(), header)
		w.Header()["X-Request-Id"] = []string{id}
		w.WriteHeader(status)
		_, _ = w.Write(slices.Concat(before, []byte(id), after))
	})
}

// refusalCount counts refused requests for the log.
type refusalCount struct {
	log *slog.Logger

	mu sync.Mutex
	n  int // since the last line
}

func (c *refusalCount) count() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.n++; c.n == 1 {
		time.AfterFunc(reportEvery, c.report)
	}
}

func (c *refusalCount) report() {
	c.mu.Lock()
	n := c.n
	c.n = 0
	c.mu.Unlock()
	c.log.Warn("requests were refused, because too many are being worked on", slog.Int("requests", n))
}
