// Package password implements domain.PasswordHasher with Argon2id (RFC 9106).
//
// Hashing is expensive on purpose, so this package bounds it: a few workers compute hashes, further calls wait in a queue of
// bounded length for a bounded time, and calls beyond that return [domain.ErrHasherBusy] at once. Networks share the queue
// fairly. The package also verifies bcrypt hashes of imported accounts. They are always stale, so a login replaces them.
package password

import (
	"context"
	"crypto/rand"
	"crypto/subtle"

	"golang.org/x/crypto/argon2"

	"example.com/postern/domain"
)

// Hasher makes and checks password hashes. It is safe for concurrent use.
type Hasher struct {
	cost cost
	gate *gate
	key  func(password, salt []byte, time, memory uint32, threads uint8, length uint32) []byte
}

// New returns a Hasher, or an error if the options are out of bounds.
func New(o Options) (*Hasher, error) {
	o = o.withDefaults()
	if err := o.check(); err != nil {
		return nil, err
	}
	return NewUnchecked(o), nil
}

// NewUnchecked returns a Hasher whose options may be weaker than New allows. It is for tests, which need no strong hashes.
func NewUnchecked(o Options) *Hasher {
	o = o.withDefaults()
	return &Hasher{
		cost: cost{memory: o.Memory, time: o.Time, threads: o.Threads},
		gate: newGate(o.Workers, o.Queue, o.MaxWait, o.Waited),
		key:  argon2.IDKey,
	}
}

// QueueSize returns the number of calls that may wait for a worker.
func (h *Hasher) QueueSize() int { return h.gate.queue.capacity }

// Waiting returns the number of calls that wait for a worker.
func (h *Hasher) Waiting() int { return h.gate.waiting() }

// Hash returns the Argon2id hash of the password's NFC form with a fresh salt, in the PHC string format.
//
// If all workers are busy, Hash waits in the queue, of which calls of Hash may fill half. Waiting networks take turns. When
// the queue is full, the network with the most waiting calls, this call included, loses its newest one. Hash returns
// [domain.ErrHasherBusy] if the call found no room, was removed from the queue, or waited for MaxWait. It returns the error
// of ctx if ctx ends before the work begins.
func (h *Hasher) Hash(ctx context.Context, from domain.Network, p domain.Password) (string, error) {
	fresh := phc{cost: h.cost, salt: make([]byte, saltLength)}
	_, _ = rand.Read(fresh.salt) // never fails: see its documentation
	err := h.gate.run(ctx, from, true, func() { fresh.tag = h.derive(fresh, p, tagLength) })
	if err != nil {
		return "", err
	}
	return fresh.String(), nil
}

// Verify reports whether hash is a hash of the password, and whether it is stale: made by another algorithm or with other
// parameters than Hash uses now. It compares in constant time. It accepts Argon2id hashes whose parameters are within bounds
// and bcrypt hashes, and returns an error for any other. It waits like Hash but may use the whole queue.
func (h *Hasher) Verify(ctx context.Context, from domain.Network, hash string, p domain.Password) (ok, stale bool, err error) {
	if bcryptHash.MatchString(hash) {
		ok, err = h.verifyBcrypt(ctx, from, hash, p)
		return ok, true, err
	}
	known, err := parsePHC(hash)
	if err != nil {
		return false, false, err
	}
	err = h.gate.run(ctx, from, false, func() {
		tag := h.derive(known, p, len(known.tag))
		ok = subtle.ConstantTimeCompare(tag, known.tag) == 1
	})
	stale = known.cost != h.cost || len(known.salt) != saltLength || len(known.tag) != tagLength
	return ok, stale, err
}

// DummyHash returns a hash with the parameters that Hash uses now, a random salt and a random tag. No password is known to
// match it, and verifying one takes as long as for a real hash.
func (h *Hasher) DummyHash() string {
	dummy := phc{cost: h.cost, salt: make([]byte, saltLength), tag: make([]byte, tagLength)}
	_, _ = rand.Read(dummy.salt) // never fails: see its documentation
	_, _ = rand.Read(dummy.tag)
	return dummy.String()
}

// Accepts reports whether Verify accepts the hash. It does not compute a hash.
func (h *Hasher) Accepts(hash string) bool {
	_, err := parsePHC(hash)
	return err == nil || bcryptHash.MatchString(hash)
}

func (h *Hasher) derive(as phc, p domain.Password, length int) []byte {
	return h.key([]byte(p.RevealNFC()), as.salt, as.cost.time, as.cost.memory, as.cost.threads, uint32(length))
}
