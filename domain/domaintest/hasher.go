package domaintest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"example.com/postern/domain"
)

// Hasher is a [domain.PasswordHasher] whose hashes contain the password. The zero value is ready to use. It is safe for
// concurrent use.
type Hasher struct {
	mu               sync.Mutex
	hashes, verifies int
	generation       int // hashes of earlier generations are stale
	onHash, onVerify func() error
	network          domain.Network // of the last call
}

// Hash returns "fake$GENERATION$SALT$PASSWORD", or the error of the OnHash hook.
func (h *Hasher) Hash(ctx context.Context, from domain.Network, p domain.Password) (string, error) {
	if err := h.begin(ctx, from, &h.hashes, &h.onHash); err != nil {
		return "", err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	return fmt.Sprintf("fake$%d$%d$%s", h.generation, h.hashes, p.RevealNFC()), nil
}

// Verify compares the password with the one in the hash, or returns the error of the OnVerify hook.
func (h *Hasher) Verify(ctx context.Context, from domain.Network, hash string, p domain.Password) (ok, stale bool, err error) {
	if err := h.begin(ctx, from, &h.verifies, &h.onVerify); err != nil {
		return false, false, err
	}
	parts := strings.SplitN(hash, "$", 4)
	if len(parts) != 4 || parts[0] != "fake" {
		return false, false, errors.New("domaintest: no Hasher made this hash")
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	return parts[3] == p.RevealNFC(), parts[1] != fmt.Sprint(h.generation), nil
}

// DummyHash returns a valid hash that no password matches.
func (h *Hasher) DummyHash() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return fmt.Sprintf("fake$%d$dummy$%s", h.generation, domain.NewSessionID())
}

// Accepts reports whether a Hasher made the hash.
func (*Hasher) Accepts(hash string) bool {
	return strings.HasPrefix(hash, "fake$") && strings.Count(hash, "$") >= 3
}

// begin counts a call and runs its hook, which may use the Hasher.
func (h *Hasher) begin(ctx context.Context, from domain.Network, count *int, hook *func() error) error {
	h.mu.Lock()
	*count++
	h.network = from
	run := *hook
	h.mu.Unlock()
	if err := ctx.Err(); err != nil || run == nil {
		return err
	}
	return run()
}

// Hashes returns the number of calls of Hash.
func (h *Hasher) Hashes() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.hashes
}

// Verifies returns the number of calls of Verify.
func (h *Hasher) Verifies() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.verifies
}

// Network returns the network of the last call.
func (h *Hasher) Network() domain.Network {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.network
}

// Outdate makes every hash made so far stale.
func (h *Hasher) Outdate() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.generation++
}

// OnHash sets a hook that Hash calls first. If the hook returns an error, such as domain.ErrHasherBusy, Hash returns it. Nil
// removes the hook.
func (h *Hasher) OnHash(hook func() error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.onHash = hook
}

// OnVerify is like OnHash, for Verify.
func (h *Hasher) OnVerify(hook func() error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.onVerify = hook
}
