package rest

import (
	"net/http"
	"sync"
	"time"

	"example.com/postern/domain"
)

const (
	// requestMemory is the number of bytes that every request is charged: its goroutine, connection buffers and header.
	requestMemory = 16 << 10

	// bodyCopies is how many copies of a body can be in memory: as received, in the scanner, unquoted, bound to a type,
	// in the text for the search index, and in the answer.
	bodyCopies = 6

	// includedMemory is the size, in bytes, up to which a body or an answer is covered by requestMemory.
	includedMemory = 4 << 10

	// MinWorkMemory is the smallest useful budget, in bytes. It has room for the largest body and for the largest
	// page: posts of [domain.MaxPageSize] bytes and one more post, with every byte escaped.
	MinWorkMemory = 32 << 20
)

var errBudget = &domain.Error{Kind: domain.ErrBusy, Code: "busy", Message: "The server is busy. Try again shortly.", RetryAfter: time.Second}

// budget limits the memory, in bytes, that requests in flight hold. A nil budget has no limit.
type budget struct {
	size int64

	mu        sync.Mutex
	held      int64
	byNetwork map[domain.Network]int64
}

// newBudget returns a budget of size bytes, or nil if size is 0.
func newBudget(size int64) *budget {
	if size <= 0 {
		return nil
	}
	return &budget{size: size, byNetwork: map[domain.Network]int64{}}
}

// tryAcquire adds bytes to what a network holds and reports whether there was room. A network may hold at most as much
// as remains free. One network alone thus gets half of the budget, and there is always room for another. Writes may use
// three quarters of the budget; the rest is reserved for reads.
func (b *budget) tryAcquire(network domain.Network, bytes int64, write bool) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	size := b.size
	if write {
		size -= size / 4
	}
	if b.held+bytes > size || b.byNetwork[network] > size-b.held-bytes {
		return false
	}
	b.add(network, bytes)
	return true
}

// inUse returns how many bytes are in use, or how many slots in a budget of slots.
func (b *budget) inUse() int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.held
}

// add adds bytes, which may be negative, without checking the limit. The caller holds the mutex.
func (b *budget) add(network domain.Network, bytes int64) {
	b.held += bytes
	if b.byNetwork[network] += bytes; b.byNetwork[network] == 0 {
		delete(b.byNetwork, network)
	}
}

// budgetHold is the part of a budget that one request holds.
type budgetHold struct {
	budget  *budget
	network domain.Network
	write   bool

	base, body, answer int64 // in bytes
}

// addRequest charges the memory that every request needs. The caller must call release, even after an error.
func (h *budgetHold) addRequest(b *budget, r *http.Request, client domain.Client) error {
	if b == nil {
		return nil
	}
	h.budget, h.network = b, client.Network()
	h.write = isWrite(r)
	return h.resize(&h.base, requestMemory)
}

func isWrite(r *http.Request) bool { return r.Method != http.MethodGet && r.Method != http.MethodHead }

// addBody charges a body before it is read. The body has at most limit bytes.
func (h *budgetHold) addBody(r *http.Request, limit int64) error {
	if r.ContentLength >= 0 {
		limit = min(limit, r.ContentLength)
	}
	return h.resize(&h.body, chargeable(limit*bodyCopies))
}

// addAnswer charges an answer. It replaces what was charged for the answer before. The answer to a write always gets its
// memory, because the write has happened.
func (h *budgetHold) addAnswer(bytes int64) error {
	bytes = chargeable(bytes)
	if h.budget != nil && h.write {
		h.budget.mu.Lock()
		defer h.budget.mu.Unlock()
		h.budget.add(h.network, bytes-h.answer)
		h.answer = bytes
		return nil
	}
	return h.resize(&h.answer, bytes)
}

// chargeable returns the bytes to charge for a body or an answer: none if requestMemory covers them.
func chargeable(bytes int64) int64 {
	if bytes <= includedMemory {
		return 0
	}
	return bytes
}

// resize changes the size of one part of the hold, or returns [errBudget] if there is no room.
func (h *budgetHold) resize(part *int64, bytes int64) error {
	if h.budget == nil || bytes == *part {
		return nil
	}
	if !h.budget.tryAcquire(h.network, bytes-*part, h.write) {
		return errBudget
	}
	*part = bytes
	return nil
}

// addPosts charges posts that will be sent, twice: as they were read, and encoded.
func (h *budgetHold) addPosts(posts []domain.Post) error {
	bytes := 0
	for _, post := range posts {
		bytes += len(post.Title) + len(post.Content)
	}
	return h.addAnswer(2 * int64(bytes))
}

// release returns everything to the budget.
func (h *budgetHold) release() {
	if h.budget == nil {
		return
	}
	h.budget.mu.Lock()
	defer h.budget.mu.Unlock()
	h.budget.add(h.network, -h.base-h.body-h.answer)
	h.base, h.body, h.answer = 0, 0, 0
}

// withBudget charges the requests that next serves.
func withBudget(b *budget, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		state := stateOf(r.Context())
		defer state.hold.release()
		if err := state.hold.addRequest(b, r, state.client); err != nil {
			writeProblem(w, r, err)
			return
		}
		next.ServeHTTP(w, r)
	})
}
