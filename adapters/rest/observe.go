package rest

import (
	"cmp"
	"errors"
	"time"

	"example.com/postern/domain"
)

// Observer receives events about every request, for metrics. Its methods must be fast and safe for concurrent use. No
// argument contains text from a client.
type Observer interface {
	// RequestBegan is called when a request arrives.
	RequestBegan()

	// RequestEnded is called at the end of a request. The operation is an operationId of the contract, "GetDescription" for
	// documents, "unmatched" for a path or method that is unknown, or "rejected" if too many requests are in progress.
	RequestEnded(operation string, status int, took time.Duration)

	// LimitHit is called when one of [Limits] causes a refusal.
	LimitHit(limit string)
}

// Names of operations that are not in the contract.
const (
	operationDocument  = "GetDescription"
	operationUnmatched = "unmatched"
	operationRejected  = "rejected"
)

// Names of limits. A limit for an account or a client has the name of its policy instead.
const (
	limitRequests = "requests"
	limitMemory   = "memory"
	limitHashing  = "hashing"
	limitSearches = "searches"
	limitExports  = "exports"
)

// Limits lists the limits that [Observer.LimitHit] can name.
var Limits = []string{limitRequests, limitMemory, limitHashing, limitSearches, limitExports, "login", "signup", "writes"}

func observeRequest(observer Observer, state *requestState, status int, took time.Duration) {
	observer.RequestEnded(cmp.Or(state.operation, operationUnmatched), status, took)
	if limit := limitOf(state.err); limit != "" {
		observer.LimitHit(limit)
	}
}

// limitOf returns the limit that caused an error, or "".
func limitOf(err error) string {
	if failure, ok := errors.AsType[*domain.Error](err); ok && failure.Quota != nil {
		return failure.Quota.Policy
	}
	switch {
	case errors.Is(err, errBudget):
		return limitMemory
	case errors.Is(err, domain.ErrHasherBusy):
		return limitHashing
	case errors.Is(err, domain.ErrSearchBusy):
		return limitSearches
	case errors.Is(err, domain.ErrExportBusy):
		return limitExports
	}
	return ""
}

// unobserved is the Observer that ignores all events.
type unobserved struct{}

func (unobserved) RequestBegan()                           {}
func (unobserved) RequestEnded(string, int, time.Duration) {}
func (unobserved) LimitHit(string)                         {}
