package domain

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxSearch is how many characters a search has at most.
const MaxSearch = 1000

// MaxSearchWords is how many different words a search has at most, because each of them costs a store time. A repeated word counts
// once, and word* beside word is another. It leaves room for a sentence in a script whose words are characters.
const MaxSearchWords = 64

// SearchTerm is something that must occur: one word, or several that stand next to each other.
type SearchTerm struct {
	Words  []string // at least one; each of letters, digits and marks only, and not empty
	Prefix bool     // whether the last word may go on
}

// Text returns how the term stands in the text that [SearchText] returns.
func (t SearchTerm) Text() string {
	text := " " + strings.Join(t.Words, " ")
	if !t.Prefix {
		text += " "
	}
	return text
}

func (t SearchTerm) equal(other SearchTerm) bool {
	return t.Prefix == other.Prefix && slices.Equal(t.Words, other.Words)
}

// Search is what must occur in a post's title or content: every one of its terms, in any order. No two terms are equal.
type Search []SearchTerm

// ParseSearch reads a search: words, "quoted phrases" and the beginnings of words, as in word*. All other characters only
// separate words: no engine's own syntax has a meaning. A word that falls into several, such as an e-mail address, is a phrase.
// ok is false if the text holds no word. A search that [Search.Check] refuses must not be given to a store.
func ParseSearch(text string) (s Search, ok bool) {
	for i, part := range strings.Split(text, `"`) {
		if i%2 == 1 {
			s = s.with(part, false)
			continue
		}
		for word := range strings.FieldsSeq(part) {
			stem, starred := strings.CutSuffix(word, "*")
			last, _ := utf8.DecodeLastRuneInString(foldText(stem))
			s = s.with(stem, starred && (isWordRune(last) || unicode.IsMark(last)))
		}
	}
	return s, len(s) > 0
}

func (s Search) with(text string, prefix bool) Search {
	term := SearchTerm{Words: splitWords(text), Prefix: prefix}
	if len(term.Words) == 0 || slices.ContainsFunc(s, term.equal) {
		return s
	}
	return append(s, term)
}

// Check returns what is wrong with a search, or nil: it needs a word, and at most [MaxSearchWords] different ones.
func (s Search) Check() *FieldError {
	switch words := len(s.Words()); {
	case words == 0:
		return &FieldError{"search", "format", "must hold a letter or a digit"}
	case words > MaxSearchWords:
		return &FieldError{"search", "too_many_words", fmt.Sprintf("must hold at most %d different words", MaxSearchWords)}
	}
	return nil
}

// Words returns the different words of all terms, each as a term of its own. A post that holds all of them may still lack a term
// of several words, where they must stand next to each other.
func (s Search) Words() Search {
	var words Search
	seen := map[string]bool{}
	for _, term := range s {
		for i, word := range term.Words {
			one := SearchTerm{[]string{word}, term.Prefix && i == len(term.Words)-1}
			if text := one.Text(); !seen[text] {
				seen[text] = true
				words = append(words, one)
			}
		}
	}
	return words
}

// Matches reports whether every term occurs in a text of [SearchText].
func (s Search) Matches(searchText string) bool {
	for _, term := range s {
		if !strings.Contains(searchText, term.Text()) {
			return false
		}
	}
	return true
}
