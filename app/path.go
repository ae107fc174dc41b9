package main

import (
	"errors"
	"path/filepath"
	"strings"
	"unicode"
)

// parseStream is parsePath for an argument that may be "-", the input or the output.
func parseStream(text string) (string, error) {
	if text == "-" {
		return text, nil
	}
	return parsePath(text)
}

// parsePath returns the absolute path of a file or a folder.
func parsePath(text string) (string, error) {
	if err := checkPath(text); err != nil {
		return "", err
	}
	path, err := filepath.Abs(text)
	if err != nil {
		return "", errors.New("is a relative path, and the current folder no longer exists")
	}
	return path, nil
}

// parseText accepts any text except the empty one.
func parseText(text string) (string, error) {
	if text == "" || strings.ContainsRune(text, 0) {
		return "", errors.New("must not be empty")
	}
	return text, nil
}

// checkPath refuses a path that is probably a mistake: one with characters that a shell would have replaced, or that an
// editor or a file of settings has added. Such a path would create a new, empty store in the wrong place.
func checkPath(text string) error {
	switch {
	case text == "" || strings.ContainsRune(text, 0):
		return errors.New("must be a path")
	case strings.ContainsAny(text[:1], `"'`) || strings.ContainsAny(text[len(text)-1:], `"'`):
		return errors.New("begins or ends with a quotation mark, which only a shell removes: write the path without quotation marks")
	case hasOuterSpace(text):
		return errors.New("begins or ends with white space, a carriage return, a byte order mark or an invisible character: remove it")
	case strings.ContainsFunc(text, unicode.IsControl):
		return errors.New("contains a control character: remove it")
	case text[0] == '~' || text[0] == '$' || strings.Contains(text, "${"):
		return errors.New("contains ~ or $, which only a shell replaces: write the path in full (for a file of that name, write ./~)")
	case strings.Contains(text, "://"):
		return errors.New("is a URL: it must be a path")
	}
	return nil
}

// byteOrderMarks are the marks of UTF-8 and UTF-16. Some editors put them before the text.
var byteOrderMarks = []string{"\uFEFF", "\xFE\xFF", "\xFF\xFE"}

// hasOuterSpace reports whether text begins or ends with white space, a byte order mark or another invisible character, such
// as U+200B.
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
