package conformance

import (
	"slices"
	"strings"

	"example.com/postern/api/contract"
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
func operations(described []contract.Description) (all []operation) {
	for _, d := range described {
		o := operation{id: d.ID, method: d.Method, path: d.Path, access: accessOf(d), media: mediaOf(d), optionalBody: d.OptionalBody}
		o.id64 = strings.Contains(o.path, "{id}") && !strings.HasPrefix(o.path, "/sessions/")
		o.target = strings.ReplaceAll(o.path, "{id}", nobodysSession)
		if o.id64 {
			o.target = strings.ReplaceAll(o.path, "{id}", nobodysID)
		}
		all = append(all, o)
	}
	return all
}

func accessOf(d contract.Description) access {
	switch {
	case d.Access == contract.Public:
		return public
	case d.Access == contract.Optional && d.TokenMember != "":
		return proven
	case d.Access == contract.Optional:
		return optional
	}
	return secured
}

func mediaOf(d contract.Description) string {
	for _, media := range []string{mediaJSON, mediaPatch, mediaForm} {
		if slices.Contains(d.Media, media) {
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
