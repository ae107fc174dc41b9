// Package postern embeds the contract of the Postern service, [openapi.yaml]. The other packages implement it:
//
//   - api: code generated from the contract, and api/client, the Go SDK
//   - domain: the rules of the service and its ports
//   - adapters: HTTP (adapters/rest, which enforces the contract), databases, tokens and passwords
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
