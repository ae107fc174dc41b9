package domain

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// SearchTokenizer numbers the rules by which texts are split into words. Raise it with every change of them: each store then
// indexes its posts again.
const SearchTokenizer = 2

// maxSearchText bounds what is indexed of one post, in octets. A post of ordinary text is far from it; only text whose
// compatibility forms are many times longer than itself is cut.
const maxSearchText = 512 << 10

// searchBorder stands between title and content, so that no phrase reaches across. It is no letter and no digit, so that no
// search can hold it, and not ASCII, so that SQLite keeps it.
const searchBorder = "·"

// SearchText returns what is indexed of a post: its words, as [ParseSearch] reads them, each between spaces, at most 512 KiB.
func SearchText(title, content string) string {
	var b strings.Builder
	b.WriteByte(' ')
	for _, word := range slices.Concat(splitWords(title), []string{searchBorder}, splitWords(content)) {
		if b.Len()+len(word)+1 > maxSearchText {
			break
		}
		b.WriteString(word)
		b.WriteByte(' ')
	}
	return b.String()
}

// maxWord is how many characters a word has at most. PostgreSQL takes 2,046 octets.
const maxWord = 255

// splitWords returns the words of a text, in one spelling: compatibility forms, case and accents do not count. A word is a run
// of letters, digits and marks; a longer run than [maxWord] is cut. In a script without spaces between words it is one base
// character with its marks.
func splitWords(text string) []string {
	var words []string
	var word []rune
	alone := false // whether word is one of a script without spaces
	end := func() {
		if alone {
			slices.Sort(word[1:]) // the order in which marks were typed cannot be seen
		}
		if len(word) > 0 {
			words = append(words, string(word))
		}
		word, alone = word[:0], false
	}
	for _, r := range foldText(text) {
		switch {
		case unicode.IsMark(r) && len(word) == 0: // its base was cut off
			continue
		case unicode.IsMark(r):
		case !isWordRune(r):
			end()
			continue
		case alone || isUnspaced(r):
			end()
			alone = isUnspaced(r)
		}
		if word = append(word, r); len(word) == maxWord {
			end()
		}
	}
	end()
	return words
}

// foldText folds case between two decompositions, because either may undo the other, and composes in the end what was no
// accent: Korean syllables, for example.
func foldText(text string) string {
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

// Invisible characters that separate words: the second does so in Persian, where some write a space instead. All others shape a
// letter, or hint at where a line may be broken.
const (
	zeroWidthSpace     = '\u200B'
	zeroWidthNonJoiner = '\u200C'
)

// graphemeJoiner is put between marks, where there are very many, by normalization.
const graphemeJoiner = '\u034F'

// isIgnored reports whether a mark has no meaning of its own: it chooses between shapes of a character.
func isIgnored(mark rune) bool {
	return mark == graphemeJoiner || unicode.Is(unicode.Variation_Selector, mark)
}

// hasAccents reports whether a letter or digit belongs to a script that can be read without its marks: accents, the vowel points
// of Hebrew and Arabic, tone marks beside Chinese characters. Elsewhere they are vowels, or make another letter.
func hasAccents(r rune) bool {
	return unicode.In(r, unicode.Latin, unicode.Common, unicode.Greek, unicode.Cyrillic, unicode.Arabic, unicode.Hebrew,
		unicode.Han, unicode.Hangul, unicode.Bopomofo, unicode.Armenian, unicode.Georgian, unicode.Coptic, unicode.Glagolitic,
		unicode.Gothic, unicode.Cherokee, unicode.Syriac, unicode.Samaritan)
}

// isUnspaced reports whether a letter or digit belongs to a script that has no spaces between words.
func isUnspaced(r rune) bool {
	return r >= '\u0E00' && (r == 'ー' || isWordRune(r) && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul,
		unicode.Bopomofo, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar))
}
