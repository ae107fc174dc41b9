package conformance

import (
	"cmp"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"example.com/postern/api/answers"
)

// operation is an operation of the contract, and how to ask for it without touching anything that exists.
type operation struct {
	id, method, path string
	target           string // its path, with an identifier that nothing has
	id64             bool   // whether the path has an integer identifier
	access           access
	media            string // of its body, as a case sends it; empty if it has none
	optionalBody     bool
}

type access int

const (
	public   access = iota
	optional        // a token may be sent, and must be good
	proven          // by a token, or by a member of the form
	secured
)

const (
	nobodysID      = "9007199254740991" // the largest that the contract has
	nobodysSession = "AAAAAAAAAAAAAAAAAAAAAAAAAA"
)

// operations returns all that the contract has, in the order of their names.
func operations(contract *answers.Contract) (all []operation) {
	for path, item := range contract.Spec().Paths.Map() {
		for method, declared := range item.Operations() {
			o := operation{id: declared.OperationID, method: method, path: path, access: accessOf(declared)}
			o.id64 = strings.Contains(path, "{id}") && !strings.HasPrefix(path, "/sessions/")
			o.target = strings.ReplaceAll(path, "{id}", nobodysSession)
			if o.id64 {
				o.target = strings.ReplaceAll(path, "{id}", nobodysID)
			}
			if declared.RequestBody != nil {
				o.media, o.optionalBody = mediaOf(declared.RequestBody.Value), !declared.RequestBody.Value.Required
			}
			all = append(all, o)
		}
	}
	slices.SortFunc(all, func(a, b operation) int { return cmp.Compare(a.id, b.id) })
	return all
}

func accessOf(declared *openapi3.Operation) access {
	named, nobody := false, false
	for _, requirement := range *declared.Security {
		named, nobody = named || len(requirement) > 0, nobody || len(requirement) == 0
	}
	switch {
	case !named:
		return public
	case nobody && declared.Extensions["x-proof"] != nil:
		return proven
	case nobody:
		return optional
	}
	return secured
}

func mediaOf(declared *openapi3.RequestBody) string {
	for _, media := range []string{mediaJSON, mediaPatch, mediaForm} {
		if declared.Content[media] != nil {
			return media
		}
	}
	return ""
}

// as has the stranger's token sent where one is needed: what the stranger has is not worth keeping.
func (o operation) as(c *check) option {
	if o.access == public || o.access == optional {
		return func(*request) {}
	}
	return by(c.stranger())
}
