package password

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

// Sizes of salt and tag in the hashes that Hash returns, in bytes (RFC 9106, section 4).
const (
	saltLength = 16
	tagLength  = 32
)

// Bounds of accepted hashes. A bad row must neither exhaust the machine nor be easy to guess.
const (
	maxMemory     = 256 * 1024 // KiB
	maxTime       = 16
	maxThreads    = 16
	maxHashLength = 300 // bytes of text

	minSaltRead, maxSaltRead = 8, 64  // bytes
	minTagRead, maxTagRead   = 16, 64 // bytes
)

// blocksPerLane is the minimum memory per thread, in KiB (RFC 9106, section 3.1).
const blocksPerLane = 8

// errUnreadable is the error for a hash that Verify does not accept. It does not contain the hash.
var errUnreadable = errors.New("argon2id: the password hash cannot be read")

// cost holds the cost parameters of Argon2id.
type cost struct {
	memory  uint32 // KiB
	time    uint32
	threads uint8
}

func (c cost) bounded() bool {
	return c.threads >= 1 && c.threads <= maxThreads && c.time >= 1 && c.time <= maxTime &&
		c.memory >= blocksPerLane*uint32(c.threads) && c.memory <= maxMemory
}

// phc is a hash in the PHC string format (github.com/P-H-C/phc-string-format), for example
// $argon2id$v=19$m=19456,t=2,p=1$c2FsdA$dGFn. Salt and tag are base64 without padding (RFC 4648, section 4).
type phc struct {
	cost      cost
	salt, tag []byte
}

func (h phc) String() string {
	b64 := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s",
		argon2.Version, h.cost.memory, h.cost.time, h.cost.threads, b64(h.salt), b64(h.tag))
}

func parsePHC(s string) (phc, error) {
	parts := strings.Split(s, "$")
	if len(s) > maxHashLength || len(parts) != 6 {
		return phc{}, errUnreadable
	}
	var h phc
	_, errCost := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &h.cost.memory, &h.cost.time, &h.cost.threads)
	var errSalt, errTag error
	h.salt, errSalt = base64.RawStdEncoding.DecodeString(parts[4])
	h.tag, errTag = base64.RawStdEncoding.DecodeString(parts[5])
	// Sscanf and DecodeString tolerate signs, leading zeros, stray bits and line ends. Writing the hash again detects them.
	if errors.Join(errCost, errSalt, errTag) != nil || !h.bounded() || h.String() != s {
		return phc{}, errUnreadable
	}
	return h, nil
}

func (h phc) bounded() bool {
	return h.cost.bounded() && len(h.salt) >= minSaltRead && len(h.salt) <= maxSaltRead &&
		len(h.tag) >= minTagRead && len(h.tag) <= maxTagRead
}
