package rest

import (
	"net/http"
	"sync"
	"time"

	"example.com/postern/domain"
)

const (
	// requestMemory is the number of octets that every request is charged: its goroutine, connection buffers and header.
	requestMemory = 16 << 10

	// bodyCopies is how many copies of a body can be in memory: as received, in the scanner, unquoted, bound to a type,
	// in the text for the search index, and in the answer.
	bodyCopies = 6

	// includedMemory is the size, in octets, up to which a body or an answer is covered by requestMemory.
	includedMemory = 4 << 10

	// MinWorkMemory is the smallest useful budget, in octets. It has room for the largest body and for the largest
	// page: posts of [domain.MaxPageSize] octets and one more post, with every octet escaped.
	MinWorkMemory = 32 << 20
)

var errBudget = &domain.Error{Kind: domain.ErrBusy, Code: "busy", Message: "Too much is being worked on. Try again shortly.", RetryAfter: time.Second}

// budget limits the memory, in octets, that requests in flight hold. A nil budget has no limit.
type budget struct {
	size int64

	mu        sync.Mutex
	held      int64
	byNetwork map[domain.Network]int64
}

// newBudget returns a budget of size octets, or nil if size is 0.
func newBudget(size int64) *budget {
	if size <= 0 {
		return nil
	}
	return &budget{size: size, byNetwork: map[domain.Network]int64{}}
}

// tryAcquire adds octets to what a network holds and reports whether there was room. A network may hold at most as much
// as remains free. One network alone thus gets half of the budget, and there is always room for another. Writes may use
// three quarters of the budget; the rest is reserved for reads.
func (b *budget) tryAcquire(network domain.Network, octets int64, write bool) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	size := b.size
	if write {
		size -= size / 4
	}
	if b.held+octets > size || b.byNetwork[network] > size-b.held-octets {
		return false
	}
	b.add(network, octets)
	return true
}

// inUse returns how many octets, or slots, are taken.
func (b *budget) inUse() int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.held
}

// add adds octets, which may be negative, without checking the limit. The caller holds the mutex.
func (b *budget) add(network domain.Network, octets int64) {
	b.held += octets
	if b.byNetwork[network] += octets; b.byNetwork[network] == 0 {
		delete(b.byNetwork, network)
	}
}

// budgetHold is the part of a budget that one request holds.
type budgetHold struct {
	budget  *budget
	network domain.Network
	write   bool

	base, body, answer int64 // in octets
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

// addBody charges a body before it is read. The body has at most limit octets.
func (h *budgetHold) addBody(r *http.Request, limit int64) error {
	if r.ContentLength >= 0 {
		limit = min(limit, r.ContentLength)
	}
	return h.resize(&h.body, chargeable(limit*bodyCopies))
}

// addAnswer charges an answer. It replaces what was charged for the answer before. The answer to a write always gets its
// memory, because the write has happened.
func (h *budgetHold) addAnswer(octets int64) error {
	octets = chargeable(octets)
	if h.budget != nil && h.write {
		h.budget.mu.Lock()
		defer h.budget.mu.Unlock()
		h.budget.add(h.network, octets-h.answer)
		h.answer = octets
		return nil
	}
	return h.resize(&h.answer, octets)
}

// chargeable returns the octets to charge for a body or an answer: none if requestMemory covers them.
func chargeable(octets int64) int64 {
	if octets <= includedMemory {
		return 0
	}
	return octets
}

// resize changes one part of the hold, or returns [errBudget] if there is no room.
func (h *budgetHold) resize(part *int64, octets int64) error {
	if h.budget == nil || octets == *part {
		return nil
	}
	if !h.budget.tryAcquire(h.network, octets-*part, h.write) {
		return errBudget
	}
	*part = octets
	return nil
}

// addPosts charges posts that will be sent, twice: as they were read, and encoded.
func (h *budgetHold) addPosts(posts []domain.Post) error {
	octets := 0
	for _, post := range posts {
		octets += len(post.Title) + len(post.Content)
	}
	return h.addAnswer(2 * int64(octets))
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
