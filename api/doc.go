// Package api is generated from openapi.yaml. It contains the contract as JSON, the models, the interface that a server
// implements, and the handlers that bind requests and write answers. To change it, edit openapi.yaml or the templates
// and run make generate. Only doc.go, server.go, lines.go and time.go are written by hand.
package api

import _ "embed"

//go:generate go run generate.go
//go:generate go tool -modfile=../tools.mod oapi-codegen -config server.yaml codegen.json
//go:generate go tool -modfile=../tools.mod oapi-codegen -config client.yaml codegen.json
//go:generate go tool -modfile=../tools.mod oapi-codegen -config wire.yaml codegen.json
//go:generate rm codegen.json

// OpenAPI is the contract as JSON, in the order of openapi.yaml.
//
//go:embed openapi.json
var OpenAPI []byte
