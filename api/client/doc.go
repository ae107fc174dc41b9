// Package client is the Go SDK of Postern, generated from openapi.yaml. It imports no server code.
package client
