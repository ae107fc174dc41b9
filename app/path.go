package main

import (
	"errors"
	"strings"
	"unicode"

	"github.com/alecthomas/kong"
)

// parsePath takes the path of a file or a folder.
func parsePath(text string, _ *kong.Tag) (string, error) { return text, checkPath(text) }

// parseText takes any text.
func parseText(text string, _ *kong.Tag) (string, error) {
	if text == "" || strings.ContainsRune(text, 0) {
		return "", errors.New("must not be empty")
	}
	return text, nil
}

// checkPath refuses a path that its author cannot have meant: what a shell would have changed, and what a file of settings
// or an editor has left. Taken literally, it would lead to a new, empty store in an odd place.
func checkPath(text string) error {
	switch {
	case text == "" || strings.ContainsRune(text, 0):
		return errors.New("must be a path")
	case strings.ContainsAny(text[:1], `"'`) || strings.ContainsAny(text[len(text)-1:], `"'`):
		return errors.New("begins or ends with a quotation mark: write the path without quotation marks, which only a shell takes away")
	case hasOuterSpace(text):
		return errors.New("begins or ends with white space, a carriage return, a byte order mark or a character that does not show: remove it")
	case strings.ContainsFunc(text, unicode.IsControl):
		return errors.New("holds a control character: remove it")
	case text[0] == '~' || text[0] == '$' || strings.Contains(text, "${"):
		return errors.New("holds ~ or $, which only a shell replaces: write the path out (./~ is a file of that name)")
	case strings.Contains(text, "://"):
		return errors.New("is a URL: it must be a path")
	}
	return nil
}

// byteOrderMarks are what some editors put before a text in UTF-8 and in UTF-16.
var byteOrderMarks = []string{"\uFEFF", "\xFE\xFF", "\xFF\xFE"}

// hasOuterSpace reports whether text begins or ends with white space, a byte order mark or another character that does not show,
// such as U+200B.
func hasOuterSpace(text string) bool {
	for _, mark := range byteOrderMarks {
		if strings.HasPrefix(text, mark) || strings.HasSuffix(text, mark) {
			return true
		}
	}
	isHidden := func(r rune) bool {
		return unicode.IsSpace(r) || unicode.In(r, unicode.Cf, unicode.Other_Default_Ignorable_Code_Point)
	}
	return strings.TrimFunc(text, isHidden) != text
}
