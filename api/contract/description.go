package contract

import (
	"cmp"
	"slices"
)

// Description is what a document says of an operation to those who call it.
type Description struct {
	ID, Method, Path string

	Access      Access
	TokenMember string // names the member of the form that may replace the access token; empty if none may

	Media        []string // of the body, in the document's order; none if the operation takes no body
	OptionalBody bool
}

// Describe returns the operations of a document, which is JSON, in the order of their identifiers.
func Describe(text []byte) ([]Description, error) {
	d, err := parse(text)
	if err != nil {
		return nil, err
	}
	var all []Description
	for path, item := range d.Paths.values {
		for method, declared := range item.operations() {
			op := Operation{extensions: declared.Others}
			one := Description{ID: declared.OperationID, Method: method, Path: path, Access: accessOf(declared.Security)}
			one.TokenMember, _ = op.Extension("x-proof")
			if declared.RequestBody != nil {
				one.Media, one.OptionalBody = declared.RequestBody.Content.names, !declared.RequestBody.Required
			}
			all = append(all, one)
		}
	}
	slices.SortFunc(all, func(a, b Description) int { return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.Path, b.Path)) })
	return all, nil
}
