package domain

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
	"unicode"
)

// The most common passwords of at least [MinPassword] characters, in NFC and lower case, one per line. The source and
// the licence (MIT) are in the same folder.
//
//go:embed blocklist/common.txt
var commonPasswordLines string

var commonPasswords = sync.OnceValue(func() map[string]struct{} {
	set := make(map[string]struct{}, strings.Count(commonPasswordLines, "\n"))
	for line := range strings.Lines(commonPasswordLines) {
		set[strings.TrimSuffix(line, "\n")] = struct{}{}
	}
	return set
})

func isCommonPassword(folded string) bool {
	_, common := commonPasswords()[folded]
	return common
}

// serviceName is one of the context words (NIST SP 800-63B-4, section 3.1.1.2).
const serviceName = "postern"

// minContextWord is the minimum length of a context word. Shorter words occur in too many passwords.
const minContextWord = 3

// isContextWord reports whether all letters of the password belong to a word that an attacker knows from the context: the name of
// the service, the e-mail address or a part of it.
func isContextWord(folded string, email Email) bool {
	local, host, _ := strings.Cut(email.Key(), "@")
	site, _, _ := strings.Cut(host, ".")
	password := squeeze(folded)
	for _, word := range []string{serviceName, email.Key(), local, host, site} {
		word = squeeze(word)
		if len(word) < minContextWord || !strings.Contains(password, word) {
			continue
		}
		if rest := strings.ReplaceAll(password, word, ""); !strings.ContainsFunc(rest, unicode.IsLetter) {
			return true
		}
	}
	return false
}

// squeeze keeps only letters and digits, so that JohnSmith-1985 contains john.smith.
func squeeze(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, s)
}

// isPattern reports whether the password repeats a short unit (aaaaaaaa, abcabcabc) or is an ascending or descending sequence
// (12345678, hgfedcba).
func isPattern(folded string) bool {
	runes := []rune(folded)
	return isRepeat(runes) || isRun(runes, 1) || isRun(runes, -1)
}

func isRepeat(runes []rune) bool {
	for unit := 1; unit <= 4 && unit*2 <= len(runes); unit++ {
		if slices.Equal(runes[unit:], runes[:len(runes)-unit]) {
			return true
		}
	}
	return false
}

func isRun(runes []rune, step rune) bool {
	for i := 1; i < len(runes); i++ {
		wraps := runes[i-1] == '9' && runes[i] == '0' && step == 1 || runes[i-1] == '0' && runes[i] == '9' && step == -1
		if runes[i]-runes[i-1] != step && !wraps {
			return false
		}
	}
	return len(runes) > 1
}
