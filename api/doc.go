// Package api is what openapi.yaml makes of itself: the contract as JSON, the models, the interface that a server implements,
// and the handlers that bind a request to it and write its answer. Change openapi.yaml, or the templates of the generated code,
// and run make generate; never edit what is generated. The server's own part is in server.go and input.go.
package api

//go:generate go run generate.go
//go:generate go tool -modfile=../tools.mod oapi-codegen -config server.yaml ../openapi.yaml
//go:generate go tool -modfile=../tools.mod oapi-codegen -config client.yaml ../openapi.yaml
