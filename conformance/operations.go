package conformance

import (
	"slices"
	"strings"

	"example.com/postern/api/contract"
)

// operation is an operation of the contract, and how to call it without an effect on existing resources.
type operation struct {
	id, method, path string
	target           string // the path with an unused identifier
	integerID        bool   // the path has an integer identifier
	access           access
	media            string // media type of the body that cases send; empty if there is none
	optionalBody     bool
}

type access int

const (
	public        access = iota
	optional             // a token may be sent, and must be valid
	tokenOrMember        // a token, or a member of the form
	secured
)

const (
	unusedID        = "9007199254740991" // the largest identifier that the contract allows
	unusedSessionID = "AAAAAAAAAAAAAAAAAAAAAAAAAA"
)

// operations returns all operations of the contract, sorted by name.
func operations(described []contract.Description) (all []operation) {
	for _, d := range described {
		o := operation{id: d.ID, method: d.Method, path: d.Path, access: accessOf(d), media: mediaOf(d), optionalBody: d.OptionalBody}
		o.integerID = strings.Contains(o.path, "{id}") && !strings.HasPrefix(o.path, "/sessions/")
		o.target = strings.ReplaceAll(o.path, "{id}", unusedSessionID)
		if o.integerID {
			o.target = strings.ReplaceAll(o.path, "{id}", unusedID)
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
		return tokenOrMember
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

// credentials sends the token of the stranger if the operation needs one. A faulty server can only harm a temporary
// account.
func (o operation) credentials(c *caseRun) option {
	if o.access == public || o.access == optional {
		return func(*request) {}
	}
	return withToken(c.stranger())
}
