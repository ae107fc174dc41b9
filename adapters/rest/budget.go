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

// fits reports whether a network may hold more bytes. A network may hold at most as many bytes as remain free. So a single
// network gets at most half of the budget, and there is always room for another. Writes may use three quarters of the
// budget; the rest is reserved for reads. The caller holds the mutex.
func (b *budget) fits(network domain.Network, more int64, write bool) bool {
	size := b.size
	if write {
		size -= size / 4
	}
	return b.held+more <= size && b.byNetwork[network] <= size-b.held-more
}

// inUse returns how many bytes are in use, or how many slots in a budget of slots.
func (b *budget) inUse() int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.held
}

// share is the part of a budget that one request holds. Without a budget, it has no limit.
type share struct {
	budget  *budget
	network domain.Network
	write   bool
	size    int64
}

func newShare(b *budget, r *http.Request, client domain.Client) share {
	if b == nil {
		return share{}
	}
	return share{budget: b, network: client.Network(), write: isWrite(r)}
}

func isWrite(r *http.Request) bool { return r.Method != http.MethodGet && r.Method != http.MethodHead }

// resize changes the size of the share, or returns [errBudget] if there is no room. A share can always shrink.
func (s *share) resize(size int64) error { return s.change(size, true) }

// force changes the size of the share, even beyond the budget.
func (s *share) force(size int64) { _ = s.change(size, false) }

// release returns the share to the budget.
func (s *share) release() { s.force(0) }

func (s *share) change(size int64, limited bool) error {
	more := size - s.size
	if s.budget == nil || more == 0 {
		return nil
	}
	s.budget.mu.Lock()
	defer s.budget.mu.Unlock()
	if limited && more > 0 && !s.budget.fits(s.network, more, s.write) {
		return errBudget
	}
	s.size = size
	s.budget.held += more
	s.budget.byNetwork[s.network] += more
	if s.budget.byNetwork[s.network] == 0 {
		delete(s.budget.byNetwork, s.network)
	}
	return nil
}

// memory is the memory that one request holds.
type memory struct {
	share
	answer int64 // the part of the share that is charged for the answer
}

// addBody charges a body before it is read. The body has at most limit bytes.
func (m *memory) addBody(r *http.Request, limit int64) error {
	if r.ContentLength >= 0 {
		limit = min(limit, r.ContentLength)
	}
	return m.resize(m.size + chargeable(limit*bodyCopies))
}

// addAnswer charges an answer, and replaces the previous charge for it. The answer to a write is charged even beyond the
// budget, because the write has happened.
func (m *memory) addAnswer(bytes int64) error {
	bytes = chargeable(bytes)
	if err := m.change(m.size-m.answer+bytes, !m.write); err != nil {
		return err
	}
	m.answer = bytes
	return nil
}

// chargeable returns the bytes to charge for a body or an answer: none if requestMemory covers them.
func chargeable(bytes int64) int64 {
	if bytes <= includedMemory {
		return 0
	}
	return bytes
}

// addPosts charges posts that will be sent. It charges them twice: once as read, and once as encoded.
func (m *memory) addPosts(posts []domain.Post) error {
	bytes := 0
	for _, post := range posts {
		bytes += len(post.Title) + len(post.Content)
	}
	return m.addAnswer(2 * int64(bytes))
}

// chargeRequest charges the memory that every request needs. The caller must release it, even after an error.
func (s *requestState) chargeRequest(b *budget, r *http.Request) error {
	s.memory.share = newShare(b, r, s.client)
	return s.memory.resize(requestMemory)
}

// withBudget charges the requests that next serves, and logs them under the name of an operation.
func withBudget(b *budget, operation string, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		state := stateOf(r.Context())
		state.operation = operation
		defer state.memory.release()
		if err := state.chargeRequest(b, r); err != nil {
			writeProblem(w, r, err)
			return
		}
		next.ServeHTTP(w, r)
	})
}
