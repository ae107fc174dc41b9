// Package password implements domain.PasswordHasher with Argon2id (RFC 9106).
//
// Hashing is expensive on purpose, so this package bounds it: a few workers, a queue of bounded length and wait, and
// domain.ErrHasherBusy beyond, at once. Networks share the queue fairly. It also verifies bcrypt hashes, so that users can be
// brought along from elsewhere; those are always stale.
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
	return newHasher(o), nil
}

// newHasher takes options of any cost.
func newHasher(o Options) *Hasher {
	return &Hasher{
		cost: cost{memory: o.Memory, time: o.Time, threads: o.Threads},
		gate: newGate(o.Workers, o.Queue, o.MaxWait),
		key:  argon2.IDKey,
	}
}

// QueueSize returns how many calls may wait for a worker.
func (h *Hasher) QueueSize() int { return h.gate.queue.capacity }

// Hash returns the Argon2id hash of the password's NFC form with a fresh salt, in the PHC string format. It waits for a
// worker when all are busy: in the queue, of which calls of Hash may fill half. Waiting networks take turns. When the queue
// is full, the network with the most waiting calls, this one included, gives up its newest. A call that was given up, finds
// no room, or has waited for MaxWait returns domain.ErrHasherBusy. When ctx ends before the work begins, its error is
// returned.
func (h *Hasher) Hash(ctx context.Context, from domain.Network, p domain.Password) (string, error) {
	fresh := phc{cost: h.cost, salt: make([]byte, saltLength)}
	_, _ = rand.Read(fresh.salt) // never fails: see its documentation
	err := h.gate.run(ctx, from, true, func() { fresh.tag = h.derive(fresh, p, tagLength) })
	if err != nil {
		return "", err
	}
	return fresh.String(), nil
}

// Verify reports whether the password is the one that was hashed, comparing in constant time, and whether the hash is
// stale: made by another algorithm or with other parameters than Hash uses now. It reads the hashes that Hash makes, Argon2id
// hashes of other parameters, within bounds, and bcrypt hashes. It returns an error for any other hash. It waits like Hash,
// but may use the whole queue.
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

// DummyHash returns a hash with the parameters that Hash uses now, a random salt and a random tag. Finding a password that fits
// it is as hard as for any other hash.
func (h *Hasher) DummyHash() string {
	dummy := phc{cost: h.cost, salt: make([]byte, saltLength), tag: make([]byte, tagLength)}
	_, _ = rand.Read(dummy.salt) // never fails: see its documentation
	_, _ = rand.Read(dummy.tag)
	return dummy.String()
}

// Accepts reports whether Verify can read the hash, and its parameters are within bounds. It computes nothing.
func (h *Hasher) Accepts(hash string) bool {
	_, err := parsePHC(hash)
	return err == nil || bcryptHash.MatchString(hash)
}

func (h *Hasher) derive(as phc, p domain.Password, length int) []byte {
	return h.key([]byte(p.RevealNFC()), as.salt, as.cost.time, as.cost.memory, as.cost.threads, uint32(length))
}
