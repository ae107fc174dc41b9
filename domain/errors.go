package domain

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"example.com/postern/domain/throttle"
)

// Kinds of errors. Every [*Error] unwraps to exactly one kind, so that an adapter can handle errors that it does not know by
// name. A kind is never returned by itself.
var (
	ErrInvalid         = errors.New("invalid")         // the input breaks a rule; Error.Fields says which one
	ErrUnauthenticated = errors.New("unauthenticated") // the caller is unknown
	ErrForbidden       = errors.New("forbidden")       // the caller is not allowed to do this
	ErrNotFound        = errors.New("not found")       // it does not exist, or the caller may not see it
	ErrConflict        = errors.New("conflict")        // the request conflicts with the current state
	ErrPrecondition    = errors.New("precondition")    // a precondition of the request is false
	ErrTooMany         = errors.New("too many")        // too many requests in too short a time; nothing was done
	ErrBusy            = errors.New("busy")            // the request may succeed later; nothing was done, unless the error says otherwise
)

// Named errors. Their codes and messages are part of the contract.
var (
	ErrNotAuthenticated   = &Error{Kind: ErrUnauthenticated, Code: "not_authenticated", Message: "Not authenticated"}
	ErrBadToken           = &Error{Kind: ErrUnauthenticated, Code: "invalid_token", Message: "Could not validate credentials"}
	ErrInvalidCredentials = &Error{Kind: ErrForbidden, Code: "invalid_credentials", Message: "Invalid Credentials"}
	ErrAccountSuspended   = &Error{Kind: ErrForbidden, Code: "account_suspended", Message: "This account is suspended."}
	ErrBadRefreshToken    = &Error{Kind: ErrForbidden, Code: "invalid_refresh_token", Message: "The refresh token is not valid."}
	ErrReauthentication   = &Error{Kind: ErrForbidden, Code: "reauthentication_required", Message: "Log in again first: the password must have been given within the last 10 minutes."}
	ErrSessionNotFound    = &Error{Kind: ErrNotFound, Code: "session_not_found", Message: "There is no such session."}
	ErrEmailTaken         = &Error{Kind: ErrConflict, Code: "email_taken", Message: "An account with this e-mail address exists."}
	ErrUserNotFound       = &Error{Kind: ErrNotFound, Code: "user_not_found", Message: "There is no such user."}
	ErrPostNotFound       = &Error{Kind: ErrNotFound, Code: "post_not_found", Message: "There is no such post."}
	ErrNotPostOwner       = &Error{Kind: ErrForbidden, Code: "not_post_owner", Message: "Only its owner may change a post."}
	ErrPostChanged        = &Error{Kind: ErrPrecondition, Code: "precondition_failed", Message: "The post does not match If-Match or If-None-Match."}
	ErrSearchTooSlow      = &Error{Kind: ErrBusy, Code: "search_too_slow", Message: "The search took too long. Search for more words, or for longer ones.", RetryAfter: time.Second}
	ErrSearchBusy         = &Error{Kind: ErrBusy, Code: "busy", Message: "Too many searches are running. Try again shortly.", RetryAfter: time.Second}

	ErrExportRunning = &Error{Kind: ErrTooMany, Code: "export_running", Message: "An export of this account is running. Wait until it has ended.", RetryAfter: exportRetryAfter}
	ErrExportBusy    = &Error{Kind: ErrBusy, Code: "busy", Message: "Too many exports are running. Try again shortly.", RetryAfter: exportRetryAfter}

	ErrIdempotencyKeyReused  = &Error{Kind: ErrInvalid, Code: "idempotency_key_reused", Message: "This key was used for another request."}
	ErrIdempotencyInProgress = &Error{Kind: ErrConflict, Code: "idempotency_in_progress", Message: "The first request with this key has not finished yet. Try again shortly.", RetryAfter: time.Second}

	ErrHasherBusy       = &Error{Kind: ErrBusy, Code: "busy", Message: "Too many passwords are being checked. Try again shortly.", RetryAfter: time.Second}
	ErrOutcomeUnknown   = &Error{Kind: ErrBusy, Code: "outcome_unknown", Message: "The connection to the data store was lost, so the outcome is unknown. Read the resource before you try again.", RetryAfter: time.Second}
	ErrStoreUnavailable = &Error{Kind: ErrBusy, Code: "store_unavailable", Message: "The data store does not answer. Try again shortly.", RetryAfter: time.Second}
)

// ErrPasswordChanged is returned by [SessionRepository.Insert] if the user is gone or suspended, or no longer has the verified
// password hash. Services return [ErrInvalidCredentials] or [ErrAccountSuspended] instead.
var ErrPasswordChanged = &Error{Kind: ErrConflict, Code: "password_changed", Message: "The password was changed meanwhile."}

// Errors of an [IdempotencyRepository], which services do not return.
var (
	ErrIdempotencyKeyTaken = &Error{Kind: ErrConflict, Code: "idempotency_key_taken", Message: "There is a record of this key."}
	ErrNoIdempotencyRecord = &Error{Kind: ErrNotFound, Code: "no_idempotency_record", Message: "There is no record of this key."}
)

// Error is a failure that callers are expected to handle. Its message contains nothing that the caller sent.
type Error struct {
	Kind       error           // one of the kinds above
	Code       string          // stable and machine-readable; part of the contract
	Message    string          // for people
	Fields     []FieldError    // all invalid fields of the input; only of kind ErrInvalid
	RetryAfter time.Duration   // when to try again; only of kinds ErrBusy, ErrTooMany and ErrConflict
	Quota      *throttle.Quota // the exhausted quota; only of kind ErrTooMany
}

// Error returns the message.
func (e *Error) Error() string { return e.Message }

// Unwrap returns the kind, so that errors.Is matches both an error's name and its kind.
func (e *Error) Unwrap() error { return e.Kind }

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
