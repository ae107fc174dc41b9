package domain

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// FieldError says what is wrong with one field of an input, without its value.
type FieldError struct {
	Field   string // the field's name in the contract, such as "email"
	Code    string // stable and machine-readable; part of the contract
	Message string // for people; continues the field's name, such as "must be an e-mail address"
}

// Invalid returns an [*Error] of kind [ErrInvalid] for the fields, or nil if there are none.
func Invalid(fields ...FieldError) error {
	if len(fields) == 0 {
		return nil
	}
	message := "1 field is not valid."
	if len(fields) > 1 {
		message = strconv.Itoa(len(fields)) + " fields are not valid."
	}
	return &Error{Kind: ErrInvalid, Code: "validation", Message: message, Fields: fields}
}

// validText reports whether every store can hold s: valid UTF-8 without NUL.
func validText(s string) bool { return utf8.ValidString(s) && !strings.ContainsRune(s, 0) }

// checkText checks a required text of at most max Unicode characters.
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
