package rest

import (
	"net/http"
	"sync"
	"time"

	"example.com/postern/domain"
)

const (
	// baseWork is what a request is counted as, whatever it asks for: its goroutine, the buffers of its connection, its header.
	baseWork = 16 << 10

	// bodyCopies is how many times the octets of a body can be in memory: as they came, in the scanner, unquoted, bound to a type, in
	// the text for the search index, and in the answer.
	bodyCopies = 6

	// smallWork is how many octets of a body or an answer are part of baseWork.
	smallWork = 4 << 10

	// MinWorkMemory is the least budget, in octets. It has room for the largest page: posts of [domain.MaxPageSize] octets and one
	// more, each octet escaped, and for the largest body.
	MinWorkMemory = 32 << 20
)

var errBudget = &domain.Error{Kind: domain.ErrBusy, Code: "busy", Message: "Too much is being worked on. Try again shortly.", RetryAfter: time.Second}

// budget bounds, in octets, the memory that requests in flight hold. A nil budget has no bound.
type budget struct {
	size int64

	mu    sync.Mutex
	total int64
	of    map[domain.Network]int64
}

// newBudget returns a budget of so many octets, or nil for 0.
func newBudget(size int64) *budget {
	if size <= 0 {
		return nil
	}
	return &budget{size: size, of: map[domain.Network]int64{}}
}

// take reports whether a network may hold so many octets more. It may hold as many as are free, so that one network alone gets half
// of them, and the next one always finds some. Writes may fill three quarters: the rest is for reads.
func (b *budget) take(network domain.Network, octets int64, write bool) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	size := b.size
	if write {
		size -= size / 4
	}
	if b.total+octets > size || b.of[network] > size-b.total-octets {
		return false
	}
	b.add(network, octets)
	return true
}

// add counts octets, which may be negative, without a bound.
func (b *budget) add(network domain.Network, octets int64) {
	b.total += octets
	if b.of[network] += octets; b.of[network] == 0 {
		delete(b.of, network)
	}
}

// work is what one request holds of the budget.
type work struct {
	budget  *budget
	network domain.Network
	write   bool

	base, body, answer int64 // in octets
}

// begin counts a request. It must be ended, also if this fails.
func (w *work) begin(b *budget, r *http.Request, client domain.Client) error {
	if b == nil {
		return nil
	}
	w.budget, w.network = b, client.Network()
	w.write = isWrite(r)
	return w.resize(&w.base, baseWork)
}

func isWrite(r *http.Request) bool { return r.Method != http.MethodGet && r.Method != http.MethodHead }

// readBody counts a body before it is read. Limit is how many octets it may have.
func (w *work) readBody(r *http.Request, limit int64) error {
	if r.ContentLength >= 0 {
		limit = min(limit, r.ContentLength)
	}
	return w.resize(&w.body, countable(limit*bodyCopies))
}

// holdAnswer counts an answer, instead of what it was counted as before. The answer to a write is never refused: it was done.
func (w *work) holdAnswer(octets int64) error {
	octets = countable(octets)
	if w.budget != nil && w.write {
		w.budget.mu.Lock()
		defer w.budget.mu.Unlock()
		w.budget.add(w.network, octets-w.answer)
		w.answer = octets
		return nil
	}
	return w.resize(&w.answer, octets)
}

func countable(octets int64) int64 {
	if octets <= smallWork {
		return 0
	}
	return octets
}

func (w *work) resize(part *int64, octets int64) error {
	if w.budget == nil || octets == *part {
		return nil
	}
	if !w.budget.take(w.network, octets-*part, w.write) {
		return errBudget
	}
	*part = octets
	return nil
}

// holdPosts counts posts that were read to be sent: as they are, and encoded.
func (w *work) holdPosts(posts []domain.Post) error {
	octets := 0
	for _, post := range posts {
		octets += len(post.Title) + len(post.Content)
	}
	return w.holdAnswer(2 * int64(octets))
}

// end gives everything back.
func (w *work) end() {
	if w.budget == nil {
		return
	}
	w.budget.mu.Lock()
	defer w.budget.mu.Unlock()
	w.budget.add(w.network, -w.base-w.body-w.answer)
	w.base, w.body, w.answer = 0, 0, 0
}

// withBudget counts the requests that next answers.
func withBudget(b *budget, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		call := callOf(r.Context())
		defer call.work.end()
		if err := call.work.begin(b, r, call.client); err != nil {
			writeProblem(w, r, err)
			return
		}
		next.ServeHTTP(w, r)
	})
}
