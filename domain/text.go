package domain

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// validText tells whether every store can keep s as it is: valid UTF-8 without NUL.
func validText(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }

// checkText returns what is wrong with a required text of at most max Unicode characters.
func checkText(field, s string, max int) []FieldError {
	switch n := utf8.RuneCountInString(s); {
	case !validText(s):
		return []FieldError{{field, "format", "must be valid Unicode without NUL"}}
	case n == 0:
		return []FieldError{{field, "min_length", "must not be empty"}}
	case n > max:
		return []FieldError{{field, "max_length", fmt.Sprintf("must have at most %d characters", max)}}
	}
	return nil
}
