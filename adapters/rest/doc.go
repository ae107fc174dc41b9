// Package rest is the driving adapter for HTTP. A request passes, outside in:
//
//  1. log.go, handler.go: request id, access log, recovery from panics, security headers, CORS
//  2. path.go, semicolons.go: paths that are not in their one spelling end here
//  3. the mux matches the operation, once; what matches nothing is answered in unknown.go
//  4. operation.go: is there room for the request (budget.go), who calls, does the request fit package api/contract, with the
//     checks of formats.go, and do its preconditions hold (precondition.go)
//  5. package api, generated: binds parameters and bodies
//  6. auth.go, sessions.go, users.go, posts.go, post_lists.go, operations.go: request to domain call to response
//
// Beside the operations stand the contract itself and its reference: documents.go, docs.go, root.go.
//
// Whatever fails on the way is an error that problem.go maps to an RFC 9457 problem, by the one table of statuses.
package rest
