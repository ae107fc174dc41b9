package api

import (
	"net/http"
	"net/url"
)

// Input is the content of a request. It has been checked against the contract.
type Input struct {
	Header http.Header
	Query  url.Values
	Form   url.Values // nil unless the body is a form
	Body   []byte     // the body as it was sent; nil if the body is a form
}
