package argon2id

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/bcrypt"

	"example.com/postern/domain"
)

// maxBcryptCost is the dearest bcrypt hash that is tried: about a second of work.
const maxBcryptCost = 14

func isBcrypt(hash string) bool {
	return strings.HasPrefix(hash, "$2a$") || strings.HasPrefix(hash, "$2b$") || strings.HasPrefix(hash, "$2y$")
}

// verifyBcrypt tries the password as it was sent, which is what was hashed elsewhere, and then in NFC. Like every bcrypt it
// sees no more than 72 octets of the password; the Argon2id hash that replaces this one will see all.
func (h *Hasher) verifyBcrypt(ctx context.Context, hash string, p domain.Password) (ok bool, err error) {
	if cost, err := bcrypt.Cost([]byte(hash)); err != nil || cost > maxBcryptCost || len(hash) != 60 {
		return false, errUnreadable
	}
	var failed error
	err = h.gate.run(ctx, nil, func() {
		ok, failed = compareBcrypt(hash, p.Reveal())
		if nfc := p.RevealNFC(); failed == nil && !ok && nfc != p.Reveal() {
			ok, failed = compareBcrypt(hash, nfc)
		}
	})
	return ok, errors.Join(err, failed)
}

func compareBcrypt(hash, password string) (bool, error) {
	err := bcrypt.CompareHashAndPassword([]byte(hash), []byte(password))
	if errors.Is(err, bcrypt.ErrMismatchedHashAndPassword) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("%w: bcrypt", errUnreadable)
	}
	return true, nil
}
