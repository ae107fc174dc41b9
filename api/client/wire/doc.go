// Package wire is generated from openapi.yaml: a method for each operation, and the types of its requests and answers.
// Most programs need only package client, which is built on it. To change this package, edit openapi.yaml or
// api/wire-overlay.yaml and run make generate.
package wire
