// Package rest is the driving adapter for HTTP. A request passes, outside in:
//
//  1. handler.go: request id, access log, recovery from panics, security headers, CORS
//  2. path.go: paths that are not in their one spelling end here
//  3. contract.go: who calls, and does the request fit the contract? Both are read from the embedded OpenAPI document, for
//     every operation, and denied by default
//  4. package api, generated: binds parameters and bodies
//  5. auth.go, sessions.go, users.go, posts.go, post_lists.go, operations.go: request to domain call to response
//
// Beside the operations stand the contract itself and its reference: documents.go, docs.go, root.go.
//
// Whatever fails on the way is an error that problem.go maps to an RFC 9457 problem, by the one table of statuses.
package rest
