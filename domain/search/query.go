// Package search decides which texts a search finds, the same for every store.
//
// [Text] splits a title and a content into folded words. [Parse] reads what people type into a [Query] of such words.
// A store that indexes texts and looks up queries finds exactly the texts that [Query.Matches] accepts.
//
// A [Gate] bounds how many searches run at once and shares them fairly between clients.
package search

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxLength is the maximum length of a search, in characters.
const MaxLength = 1000

// MaxWords is the maximum number of different words in a search, because each word costs a store time. A repeated word
// counts once; word and word* are two words. The limit leaves room for a sentence in a script that has no spaces, where
// each character is a word.
const MaxWords = 64

// Term is a word or a phrase that must occur.
type Term struct {
	Words  []string // at least one; a phrase has several, which must be adjacent
	Prefix bool     // the last word may be the beginning of a longer word
}

// Text returns the term as it occurs in the result of [Text].
func (t Term) Text() string {
	text := " " + strings.Join(t.Words, " ")
	if !t.Prefix {
		text += " "
	}
	return text
}

func (t Term) equal(other Term) bool {
	return t.Prefix == other.Prefix && slices.Equal(t.Words, other.Words)
}

// Query holds the terms that must all occur in a post's title or content, in any order. Its terms are distinct.
type Query []Term

// Parse reads a search: words, "quoted phrases" and prefixes such as word*. All other characters only separate words, so
// no syntax of a database has a meaning. Text that splits into several words, such as an e-mail address, is a phrase.
// The query is empty if the text contains no word.
func Parse(text string) Query {
	var q Query
	for i, part := range strings.Split(text, `"`) {
		if quoted := i%2 == 1; quoted {
			q = q.with(part, false)
			continue
		}
		for word := range strings.FieldsSeq(part) {
			stem, starred := strings.CutSuffix(word, "*")
			last, _ := utf8.DecodeLastRuneInString(fold(stem))
			q = q.with(stem, starred && (isWordRune(last) || unicode.IsMark(last)))
		}
	}
	return q
}

// with returns the query with one more term, unless text contains no word or the query has the same term.
func (q Query) with(text string, prefix bool) Query {
	term := Term{Words: splitWords(text), Prefix: prefix}
	if len(term.Words) == 0 || slices.ContainsFunc(q, term.equal) {
		return q
	}
	return append(q, term)
}

// Words returns the distinct words of all terms, each as a term of its own. A text that contains all of them may still lack a
// phrase. Stores look up queries that have at least one word and at most [MaxWords].
func (q Query) Words() Query {
	var words Query
	seen := map[string]bool{}
	for _, term := range q {
		for i, word := range term.Words {
			isLast := i == len(term.Words)-1
			single := Term{Words: []string{word}, Prefix: term.Prefix && isLast}
			if text := single.Text(); !seen[text] {
				seen[text] = true
				words = append(words, single)
			}
		}
	}
	return words
}

// Matches reports whether every term occurs in a text that [Text] returned.
func (q Query) Matches(text string) bool {
	for _, term := range q {
		if !strings.Contains(text, term.Text()) {
			return false
		}
	}
	return true
}
