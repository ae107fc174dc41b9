// Package api is generated from openapi.yaml: the models, the router, the strict server interface and the embedded
// contract. Change openapi.yaml and run make generate; never edit what is generated.
package api

//go:generate go run generate.go
//go:generate go tool -modfile=../tools.mod oapi-codegen -config server.yaml ../openapi.yaml
//go:generate go tool -modfile=../tools.mod oapi-codegen -config client.yaml ../openapi.yaml
