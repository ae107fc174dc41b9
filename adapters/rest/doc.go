// Package rest is the driving adapter for HTTP. A request passes these steps:
//
//  1. admission.go, trace.go, log.go, observe.go, handler.go: admission, request and trace id, access log, metrics, recovery
//     from panics, security headers, CORS
//  2. path.go: only canonical paths pass
//  3. The mux matches the operation, once. path.go answers requests that match none.
//  4. operation.go: reserve memory (budget.go), authenticate, check the request against the contract (package api/contract and
//     formats.go), and check its preconditions (etag.go)
//  5. Package api, generated: bind parameters and bodies.
//  6. auth.go, sessions.go, users.go, export.go, emails.go, posts.go, post_lists.go, operations.go: call the domain and build
//     the response
//
// The package also serves the contract and its documentation: documents.go, docs.go, problem_pages.go, root.go.
//
// A step that fails returns an error. problem.go maps it to an RFC 9457 problem through one table of statuses.
package rest
