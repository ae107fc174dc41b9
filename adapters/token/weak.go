package token

import (
	"bytes"
	_ "embed"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"hash/maphash"
	"slices"
	"strings"
	"sync"
)

const howToMakeASecret = `make one with "openssl rand -base64 48"`

// Why CheckSecret refuses a secret.
var (
	errShortSecret      = fmt.Errorf("the secret is shorter than %d bytes: %s", materialSize, howToMakeASecret)
	errRepetitiveSecret = errors.New("the secret repeats itself or counts: " + howToMakeASecret)
	errKnownSecret      = errors.New("the secret is one that has been published: " + howToMakeASecret)
)

// CheckSecret tells what is wrong with an HMAC secret, if anything: it has fewer than 32 bytes (RFC 7518, section 3.2), it
// is a pattern, or it has been published, such as in a tutorial. The last two are also looked for in what the secret
// decodes to as hexadecimal or base64. The error says how to make a good one, and holds no part of this one.
func CheckSecret(secret []byte) error {
	if len(secret) < materialSize {
		return errShortSecret
	}
	for _, form := range forms(secret) {
		if isRepetitive(form) {
			return errRepetitiveSecret
		}
		if _, known := knownSecrets()[maphash.Bytes(knownSeed, form)]; known {
			return errKnownSecret
		}
	}
	return nil
}

// publishedKeys are private keys that stand in the examples of RFC 7515 (appendix A.3), RFC 7517 (appendix A.2) and RFC 8037
// (appendix A.1).
var publishedKeys = []string{
	"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI",
	"870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE",
	"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
}

// checkPrivateKey is to the private keys of Ed25519 and P-256 what CheckSecret is to HMAC secrets.
func checkPrivateKey(d []byte) error {
	switch {
	case len(d) != materialSize:
		return fmt.Errorf("it has another length than %d bytes", materialSize)
	case isRepetitive(d):
		return errors.New("it repeats itself or counts")
	case slices.Contains(publishedKeys, encodeBase64URL(d)):
		return errors.New("it is one that has been published")
	}
	return nil
}

// Secrets of 31 bytes and more that were found in public code, one a line, as collected by Wallarm. Their licence (MIT)
// stands beside them.
//
//go:embed knownsecrets/at-least-32-bytes.txt
var knownSecretLines string

// knownSecrets holds every known secret in all its forms, so that a key is found by its bytes too. It keeps hashes, which need
// a third of the memory: they stay for as long as the process.
var knownSecrets = sync.OnceValue(func() map[uint64]struct{} {
	set := map[uint64]struct{}{}
	for line := range strings.Lines(knownSecretLines) {
		for _, form := range forms([]byte(strings.TrimSuffix(line, "\n"))) {
			set[maphash.Bytes(knownSeed, form)] = struct{}{}
		}
	}
	return set
})

var knownSeed = maphash.MakeSeed()

// forms returns the secret, the secret without white space and quotes around it, and what that decodes to.
func forms(secret []byte) [][]byte {
	trimmed := bytes.Trim(secret, " \t\r\n\"'`")
	all := [][]byte{secret, trimmed}
	if decoded, err := hex.DecodeString(string(trimmed)); err == nil {
		all = append(all, decoded)
	}
	unpadded := string(bytes.TrimRight(trimmed, "="))
	for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		if decoded, err := encoding.DecodeString(unpadded); err == nil {
			all = append(all, decoded)
		}
	}
	return all
}

// minDistinct is how many different bytes a secret must have: 32 random hexadecimal digits have fewer once in 10^7 times.
const minDistinct = 8

// isRepetitive tells whether the bytes are few, mostly one, a unit repeated, or mostly counted up or down. Random bytes,
// and random text of at least 10 letters or digits to choose from, practically never are.
func isRepetitive(secret []byte) bool {
	var counts [256]int
	distinct, steps := 0, 0
	for i, b := range secret {
		if counts[b]++; counts[b] == 1 {
			distinct++
		}
		if i > 0 && b-secret[i-1]+1 <= 2 {
			steps++
		}
	}
	return distinct < minDistinct || steps*4 >= (len(secret)-1)*3 || 2*slices.Max(counts[:]) > len(secret) || hasPeriod(secret)
}

func hasPeriod(secret []byte) bool {
	for unit := 1; unit <= len(secret)/2; unit++ {
		if bytes.Equal(secret[unit:], secret[:len(secret)-unit]) {
			return true
		}
	}
	return false
}
