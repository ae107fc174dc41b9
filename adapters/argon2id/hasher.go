// Package argon2id implements domain.PasswordHasher with Argon2id (RFC 9106).
//
// Hashing is meant to be dear, so this package bounds it: a few workers, a queue of bounded length and wait, and
// domain.ErrHasherBusy beyond, at once. It also verifies bcrypt hashes, so that users can be brought along from elsewhere;
// those are always stale.
package argon2id

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

// Hash returns the Argon2id hash of the password's NFC form with a fresh salt, in the PHC string format. It returns
// domain.ErrHasherBusy when all workers are busy and half of the queue is filled by other calls of Hash, or no worker is
// free within MaxWait, and the context's error when ctx ends before the work begins.
func (h *Hasher) Hash(ctx context.Context, p domain.Password) (string, error) {
	fresh := phc{cost: h.cost, salt: make([]byte, saltLength)}
	_, _ = rand.Read(fresh.salt) // never fails: see its documentation
	err := h.gate.run(ctx, h.gate.hashes, func() { fresh.tag = h.derive(fresh, p, tagLength) })
	if err != nil {
		return "", err
	}
	return fresh.String(), nil
}

// Verify tells whether the password is the one that was hashed, comparing in constant time, and whether the hash is
// stale: made by another algorithm or with other parameters than Hash uses now. Besides what Hash makes, it reads Argon2id
// hashes of other parameters, within bounds, and bcrypt hashes. It returns an error for any other hash, and
// domain.ErrHasherBusy and the context's error like Hash, except that it may use the whole queue.
func (h *Hasher) Verify(ctx context.Context, hash string, p domain.Password) (ok, stale bool, err error) {
	if bcryptHash.MatchString(hash) {
		ok, err = h.verifyBcrypt(ctx, hash, p)
		return ok, true, err
	}
	known, err := parsePHC(hash)
	if err != nil {
		return false, false, err
	}
	err = h.gate.run(ctx, nil, func() {
		tag := h.derive(known, p, len(known.tag))
		ok = subtle.ConstantTimeCompare(tag, known.tag) == 1
	})
	stale = known.cost != h.cost || len(known.salt) != saltLength || len(known.tag) != tagLength
	return ok, stale, err
}

// Accepts tells whether Verify reads the hash: it is written like one, and what it asks for is within bounds. It computes
// none.
func (h *Hasher) Accepts(hash string) bool {
	_, err := parsePHC(hash)
	return err == nil || bcryptHash.MatchString(hash)
}

func (h *Hasher) derive(as phc, p domain.Password, length int) []byte {
	return h.key([]byte(p.RevealNFC()), as.salt, as.cost.time, as.cost.memory, as.cost.threads, uint32(length))
}
