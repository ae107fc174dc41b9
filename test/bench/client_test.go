//go:build bench

package bench

import (
	"encoding/base64"
	"errors"
	"net/url"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"
)

// client sends requests at little CPU per request: one core must send five times what a server on another core can answer.
type client struct {
	host     *fasthttp.HostClient
	requests []*fasthttp.Request
	next     atomic.Int64
}

// maxConns limits the number of connections, as a proxy in front of a service does (nginx has 512 by default).
const maxConns = 512

func newClient(b *testing.B, base string, targets []target) *client {
	b.Helper()
	runtime.GOMAXPROCS(1)
	pin(b, os.Getpid(), clientCore)
	address, err := url.Parse(base)
	require.NoError(b, err)
	c := &client{host: &fasthttp.HostClient{
		Addr: address.Host, MaxConns: maxConns, ReadTimeout: 30 * time.Second, MaxIdleConnDuration: time.Minute,
	}}
	for _, t := range targets {
		r := &fasthttp.Request{}
		r.SetRequestURI(t.URL)
		r.Header.SetMethod(t.Method)
		for name := range t.Header {
			r.Header.Set(name, t.Header.Get(name))
		}
		body, err := base64.StdEncoding.DecodeString(t.Body)
		require.NoError(b, err)
		r.SetBodyRaw(body)
		c.requests = append(c.requests, r)
	}
	return c
}

// kind is the outcome of a request.
type kind int

const (
	failed kind = iota // no answer, or any other answer
	unsent             // no connection was free
	ok                 // 2xx
	busy               // 503 with Retry-After
	silent             // 503 without Retry-After
)

type result struct {
	kind    kind
	latency time.Duration // since the request was due
}

type results []result

func (all results) of(k kind) (latencies []time.Duration) {
	for _, r := range all {
		if r.kind == k {
			latencies = append(latencies, r.latency)
		}
	}
	return latencies
}

func (all results) rate(k kind, period time.Duration) float64 {
	return float64(len(all.of(k))) / period.Seconds()
}

// send sends the next request.
func (c *client) send(due time.Time) result {
	request, answer := fasthttp.AcquireRequest(), fasthttp.AcquireResponse()
	defer fasthttp.ReleaseRequest(request)
	defer fasthttp.ReleaseResponse(answer)
	c.requests[int(c.next.Add(1))%len(c.requests)].CopyTo(request)
	err := c.host.Do(request, answer)
	r := result{failed, time.Since(due)}
	switch status := answer.StatusCode(); {
	case errors.Is(err, fasthttp.ErrNoFreeConns):
		r.kind = unsent
	case err != nil:
	case status/100 == 2:
		r.kind = ok
	case status == fasthttp.StatusServiceUnavailable && len(answer.Header.Peek("Retry-After")) > 0:
		r.kind = busy
	case status == fasthttp.StatusServiceUnavailable:
		r.kind = silent
	}
	return r
}

// closedLoop sends requests with a number of workers. Each worker waits for its answer.
func (c *client) closedLoop(workers int, period time.Duration) results {
	each := make([]results, workers)
	var running sync.WaitGroup
	for i := range workers {
		running.Go(func() {
			for begun := time.Now(); time.Since(begun) < period; {
				each[i] = append(each[i], c.send(time.Now()))
			}
		})
	}
	running.Wait()
	var all results
	for _, some := range each {
		all = append(all, some...)
	}
	return all
}

// openLoop sends requests at a constant rate, and then waits for all answers.
func (c *client) openLoop(rate float64, period time.Duration) results {
	all := make(results, int(rate*period.Seconds()))
	var sending sync.WaitGroup
	begun := time.Now()
	for i := range all {
		due := begun.Add(time.Duration(float64(i) / rate * float64(time.Second)))
		if wait := time.Until(due); wait > 0 {
			time.Sleep(wait)
		}
		sending.Go(func() { all[i] = c.send(due) })
	}
	sending.Wait()
	return all
}
