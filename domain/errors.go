package domain

import (
	"errors"
	"time"

	"example.com/postern/domain/throttle"
)

// Kinds of failure. Every [*Error] unwraps to exactly one of them, so that an edge can answer a failure it has never
// heard of. They are never returned bare.
var (
	ErrInvalid         = errors.New("invalid")         // the input breaks a rule; Error.Fields says which
	ErrUnauthenticated = errors.New("unauthenticated") // who calls is not known
	ErrForbidden       = errors.New("forbidden")       // who calls is known, and may not
	ErrNotFound        = errors.New("not found")       // it is not there, or not the caller's to know of
	ErrConflict        = errors.New("conflict")        // it cannot be true beside what is already there
	ErrPrecondition    = errors.New("precondition")    // it is not what the caller takes it for
	ErrTooMany         = errors.New("too many")        // too much was asked for in too short a time; nothing was done
	ErrBusy            = errors.New("busy")            // it may work later; nothing was done, unless the failure says otherwise
)

// Named failures. Their codes and messages are part of the contract.
var (
	ErrNotAuthenticated   = &Error{Kind: ErrUnauthenticated, Code: "not_authenticated", Message: "Not authenticated"}
	ErrBadToken           = &Error{Kind: ErrUnauthenticated, Code: "invalid_token", Message: "Could not validate credentials"}
	ErrInvalidCredentials = &Error{Kind: ErrForbidden, Code: "invalid_credentials", Message: "Invalid Credentials"}
	ErrBadRefreshToken    = &Error{Kind: ErrForbidden, Code: "invalid_refresh_token", Message: "The refresh token is not, or no longer, good."}
	ErrReauthentication   = &Error{Kind: ErrForbidden, Code: "reauthentication_required", Message: "Log in again first: the password must have been given within the last 10 minutes."}
	ErrSessionNotFound    = &Error{Kind: ErrNotFound, Code: "session_not_found", Message: "There is no such session."}
	ErrEmailTaken         = &Error{Kind: ErrConflict, Code: "email_taken", Message: "An account with this e-mail address exists."}
	ErrUserNotFound       = &Error{Kind: ErrNotFound, Code: "user_not_found", Message: "There is no such user."}
	ErrPostNotFound       = &Error{Kind: ErrNotFound, Code: "post_not_found", Message: "There is no such post."}
	ErrNotPostOwner       = &Error{Kind: ErrForbidden, Code: "not_post_owner", Message: "Only its owner may change a post."}
	ErrPostChanged        = &Error{Kind: ErrPrecondition, Code: "precondition_failed", Message: "The post is not in the state that the condition asks for."}
	ErrSearchTooSlow      = &Error{Kind: ErrBusy, Code: "search_too_slow", Message: "The search took too long. Ask for more, or longer, words.", RetryAfter: time.Second}
	ErrSearchBusy         = &Error{Kind: ErrBusy, Code: "busy", Message: "Too many searches are running. Try again shortly.", RetryAfter: time.Second}

	ErrIdempotencyKeyReused  = &Error{Kind: ErrInvalid, Code: "idempotency_key_reused", Message: "This key came with another request before."}
	ErrIdempotencyInProgress = &Error{Kind: ErrConflict, Code: "idempotency_in_progress", Message: "The first request with this key is still being worked on. Try again shortly.", RetryAfter: time.Second}

	ErrHasherBusy       = &Error{Kind: ErrBusy, Code: "busy", Message: "Too many passwords are being checked. Try again shortly.", RetryAfter: time.Second}
	ErrOutcomeUnknown   = &Error{Kind: ErrBusy, Code: "outcome_unknown", Message: "The data store was lost at work: whether it was done is not known. Look before you try again.", RetryAfter: time.Second}
	ErrStoreUnavailable = &Error{Kind: ErrBusy, Code: "store_unavailable", Message: "The data store does not answer. Try again shortly.", RetryAfter: time.Second}
)

// ErrPasswordChanged is what [SessionRepository.Insert] returns when the user is gone or has another password hash than
// the one that was verified. It stays between a store and a service: callers of a service see [ErrInvalidCredentials].
var ErrPasswordChanged = &Error{Kind: ErrConflict, Code: "password_changed", Message: "The password was changed meanwhile."}

// What stays between a store and a service.
var (
	ErrIdempotencyKeyTaken = &Error{Kind: ErrConflict, Code: "idempotency_key_taken", Message: "There is a record of this key."}
	ErrNoIdempotencyRecord = &Error{Kind: ErrNotFound, Code: "no_idempotency_record", Message: "There is no record of this key."}
)

// Error is a failure that was decided by a rule. Message is a sentence for the caller and holds nothing that the caller
// sent.
type Error struct {
	Kind       error           // one of the kinds above
	Code       string          // stable, machine readable, part of the contract
	Message    string          // for people
	Fields     []FieldError    // what is wrong with the input, all of it; only of kind ErrInvalid
	RetryAfter time.Duration   // when trying again makes sense; only of kinds ErrBusy, ErrTooMany and ErrConflict
	Quota      *throttle.Quota // what is used up; only of kind ErrTooMany
}

// Error returns the message.
func (e *Error) Error() string { return e.Message }

// Unwrap returns the kind, so that errors.Is matches both a failure's name and its kind.
func (e *Error) Unwrap() error { return e.Kind }
