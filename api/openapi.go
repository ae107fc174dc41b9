package api

import _ "embed"

// OpenAPI is the contract as JSON, in the order of openapi.yaml.
//
//go:embed openapi.json
var OpenAPI []byte
