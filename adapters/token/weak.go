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

// The errors of CheckSecret.
var (
	errShortSecret      = fmt.Errorf("the secret is shorter than %d bytes: %s", materialSize, howToMakeASecret)
	errRepetitiveSecret = errors.New("the secret repeats itself or counts: " + howToMakeASecret)
	errKnownSecret      = errors.New("the secret is one that has been published: " + howToMakeASecret)
)

// CheckSecret returns an error if an HMAC secret has fewer than 32 bytes (RFC 7518, section 3.2), is a pattern, or has been
// published, for example in a tutorial. The last two checks also apply to the bytes that the secret encodes in hexadecimal
// or base64. The error says how to make a good secret and contains no part of this one.
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

// publishedKeys holds the private keys in the examples of RFC 7515 (appendix A.3), RFC 7517 (appendix A.2) and RFC 8037
// (appendix A.1).
var publishedKeys = []string{
	"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI",
	"870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE",
	"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
}

// checkPrivateKey is CheckSecret for private keys of Ed25519 and P-256.
func checkPrivateKey(d []byte) error {
	switch {
	case len(d) != materialSize:
		return fmt.Errorf("its length is not %d bytes", materialSize)
	case isRepetitive(d):
		return errors.New("it repeats itself or counts")
	case slices.Contains(publishedKeys, encodeBase64URL(d)):
		return errors.New("it is one that has been published")
	}
	return nil
}

// knownSecretLines holds secrets of at least 31 bytes that were found in public code, one per line, collected by Wallarm.
// The file LICENSE beside the list is its licence (MIT).
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

// forms returns the secret, the secret without surrounding white space and quotes, and the bytes that the latter encodes.
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

// minDistinct is the least number of different bytes in a secret. Of 32 random hexadecimal digits, one in 10^7 has fewer.
const minDistinct = 8

// isRepetitive reports whether the secret has few different bytes, consists mostly of one byte, repeats a unit, or mostly
// counts up or down. Random bytes, and random text over at least 10 characters, practically never do.
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
