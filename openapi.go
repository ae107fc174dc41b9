// Package postern holds the contract of the Postern service, [openapi.yaml], as it is written. Everything else follows from it:
//
//   - api: what is generated from it, and api/client, the Go SDK
//   - domain: what the service is, its rules and ports
//   - adapters: the technologies around the domain, adapters/rest among them, which enforces the contract
//   - sql: migrations and queries
//   - app: the program
//
// [openapi.yaml]: https://spec.openapis.org/oas/v3.0.3
package postern

import _ "embed"

// OpenAPI is openapi.yaml, byte for byte.
//
//go:embed openapi.yaml
var OpenAPI []byte
