package contract

import (
	"cmp"
	"slices"
)

// Description describes an operation for clients.
type Description struct {
	ID, Method, Path string

	Access      Access
	TokenMember string // see [Operation.TokenMember]

	Media        []string // media types of the body, in the order of the document; empty if the operation takes no body
	OptionalBody bool
}

// Describe returns the operations of a JSON document, sorted by identifier.
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
