package api

import (
	"net/http"
	"net/url"
)

// Input is what a request brings to an operation, read once. It has been checked against the contract.
type Input struct {
	Header http.Header
	Query  url.Values
	Form   url.Values // nil unless the body is a form
	Body   []byte     // the body as it was sent; nil if it is a form
}
