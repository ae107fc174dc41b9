package domain

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// MaxSearch is how many characters a search has at most.
const MaxSearch = 1000

// SearchTerm is something that must occur: its words, one right behind the other.
type SearchTerm struct {
	Words  []string // at least one; each of letters and digits only, and not empty
	Prefix bool     // whether the last word is but the beginning of one
}

// Text returns how the term stands in the text that [SearchText] returns.
func (t SearchTerm) Text() string {
	text := " " + strings.Join(t.Words, " ")
	if !t.Prefix {
		text += " "
	}
	return text
}

// Search is what must occur in a post's title or content: every one of its terms, in any order. It has at least one, and at
// most [MaxSearch].
type Search []SearchTerm

// ParseSearch reads a search: words, "quoted phrases" and the beginnings of words, as in word*. What else a text may hold only
// separates: no engine's own syntax has a meaning. A word that falls into several, such as an e-mail address, is a phrase. ok is false if
// there is no word in it.
func ParseSearch(text string) (s Search, ok bool) {
	for i, part := range strings.Split(text, `"`) {
		if i%2 == 1 {
			s = s.with(part, false)
			continue
		}
		for word := range strings.FieldsSeq(part) {
			stem, starred := strings.CutSuffix(word, "*")
			last, _ := utf8.DecodeLastRuneInString(foldText(stem))
			s = s.with(stem, starred && isWordRune(last))
		}
	}
	return s, len(s) > 0
}

func (s Search) with(text string, prefix bool) Search {
	words := splitWords(text)
	if len(words) == 0 {
		return s
	}
	return append(s, SearchTerm{Words: words, Prefix: prefix})
}

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

// splitWords returns the words of a text, in their one spelling: compatibility forms, case and marks do not count. A word is
// a run of letters and digits, or one character of a script that has no spaces between words; a run of more than [maxWord] is
// cut.
func splitWords(text string) []string {
	var words []string
	var word []rune
	end := func() {
		if len(word) > 0 {
			words = append(words, string(word))
			word = word[:0]
		}
	}
	for _, r := range foldText(text) {
		switch {
		case isIdeograph(r):
			end()
			words = append(words, string(r))
		case !isWordRune(r):
			end()
		default:
			if word = append(word, r); len(word) == maxWord {
				end()
			}
		}
	}
	end()
	return words
}

// foldText folds case between two decompositions, because either may undo the other, and composes in the end what is no mark:
// Korean syllables.
func foldText(text string) string {
	folded := norm.NFKD.String(cases.Fold().String(norm.NFKD.String(text)))
	return norm.NFC.String(strings.Map(func(r rune) rune {
		if unicode.IsMark(r) {
			return -1
		}
		return r
	}, folded))
}

func isWordRune(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }

func isIdeograph(r rune) bool {
	return isWordRune(r) && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Bopomofo) || r == 'ー'
}
