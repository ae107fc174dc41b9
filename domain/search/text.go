package search

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// TokenizerVersion identifies the rules by which texts are split into words. Increase it with every change of the rules:
// each store then indexes its posts again.
const TokenizerVersion = 2

// maxText is the maximum size of a [Text], in bytes. Only posts whose compatibility forms are many times longer than the
// posts themselves are cut.
const maxText = 512 << 10

// border separates the title from the content, so that no phrase matches across both. It is neither a letter nor a digit,
// so that no query can contain it, and not ASCII, so that SQLite's tokenizer keeps it.
const border = "·"

// Text returns the searchable text of a post: its words, each between spaces, at most 512 KiB.
func Text(title, content string) string {
	var b strings.Builder
	b.WriteByte(' ')
	for _, word := range slices.Concat(splitWords(title), []string{border}, splitWords(content)) {
		if b.Len()+len(word)+1 > maxText {
			break
		}
		b.WriteString(word)
		b.WriteByte(' ')
	}
	return b.String()
}

// maxWord is the maximum length of a word, in characters. PostgreSQL accepts 2,046 bytes.
const maxWord = 255

// splitWords returns the folded words of a text (see [fold]). A word is a run of letters, digits and marks; a run longer
// than [maxWord] is cut. In a script without spaces between words, each base character with its marks is a word.
func splitWords(text string) []string {
	var words []string
	var word []rune
	unspaced := false // the word belongs to a script without spaces
	end := func() {
		if unspaced {
			slices.Sort(word[1:]) // the order in which marks were typed is not visible
		}
		if len(word) > 0 {
			words = append(words, string(word))
		}
		word, unspaced = word[:0], false
	}
	for _, r := range fold(text) {
		switch {
		case unicode.IsMark(r) && len(word) == 0: // its base character was cut off
			continue
		case unicode.IsMark(r):
		case !isWordRune(r):
			end()
			continue
		case unspaced || isUnspaced(r):
			end()
			unspaced = isUnspaced(r)
		}
		if word = append(word, r); len(word) == maxWord {
			end()
		}
	}
	end()
	return words
}

// fold removes differences of case, accents and compatibility forms. It folds case between two decompositions, because
// each can undo the other, and composes again what was not an accent, such as Korean syllables.
func fold(text string) string {
	if isASCII(text) {
		return strings.ToLower(text)
	}
	folded := norm.NFKD.String(cases.Fold().String(norm.NFKD.String(text)))
	base := rune(0)
	return norm.NFC.String(strings.Map(func(r rune) rune {
		switch {
		case unicode.IsMark(r):
			if isIgnored(r) || !isWordRune(base) || hasAccents(base) {
				return -1
			}
		case unicode.Is(unicode.Cf, r):
			if r == zeroWidthSpace || r == zeroWidthNonJoiner && unicode.Is(unicode.Arabic, base) {
				return ' '
			}
			return -1
		default:
			base = r
		}
		return r
	}, folded))
}

func isASCII(text string) bool {
	return strings.IndexFunc(text, func(r rune) bool { return r >= utf8.RuneSelf }) < 0
}

func isWordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }

// Invisible characters that separate words. The second one does so in Persian, where some people write it instead of a
// space. All other invisible characters shape a letter or allow a line break.
const (
	zeroWidthSpace     = '\u200B'
	zeroWidthNonJoiner = '\u200C'
)

// graphemeJoiner is inserted by normalization into very long runs of marks.
const graphemeJoiner = '\u034F'

// isIgnored reports whether a mark only selects a variant of a character.
func isIgnored(mark rune) bool {
	return mark == graphemeJoiner || unicode.Is(unicode.Variation_Selector, mark)
}

// hasAccents reports whether r belongs to a script that can be read without its marks: accents, the vowel points of Hebrew
// and Arabic, tone marks beside Chinese characters. In other scripts marks are vowels or make a different letter.
func hasAccents(r rune) bool {
	return unicode.In(r, unicode.Latin, unicode.Common, unicode.Greek, unicode.Cyrillic, unicode.Arabic, unicode.Hebrew,
		unicode.Han, unicode.Hangul, unicode.Bopomofo, unicode.Armenian, unicode.Georgian, unicode.Coptic, unicode.Glagolitic,
		unicode.Gothic, unicode.Cherokee, unicode.Syriac, unicode.Samaritan)
}

// isUnspaced reports whether r belongs to a script that has no spaces between words.
func isUnspaced(r rune) bool {
	return r >= '\u0E00' && (r == 'ー' || isWordRune(r) && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul,
		unicode.Bopomofo, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar))
}
