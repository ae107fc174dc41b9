package password

import (
	"context"
	"errors"
	"fmt"
	"regexp"

	"golang.org/x/crypto/bcrypt"

	"example.com/postern/domain"
)

// bcryptHash matches the accepted bcrypt hashes: a cost from 4 to 14, which takes about a second, a salt of 22 characters and
// a tag of 31 in bcrypt's own base64. The last character of the tag has two bits that are always 0.
var bcryptHash = regexp.MustCompile(`^\$2[aby]\$(0[4-9]|1[0-4])\$[./A-Za-z0-9]{52}[.CGKOSWaeimquy26]$`)

// verifyBcrypt tries the password as it was sent, because other systems hash it unchanged, and then in NFC. Bcrypt ignores all
// but the first 72 bytes of a password; the Argon2id hash that replaces the bcrypt hash covers all of them.
func (h *Hasher) verifyBcrypt(ctx context.Context, from domain.Network, hash string, p domain.Password) (ok bool, err error) {
	var failed error
	err = h.gate.run(ctx, from, false, func() {
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
