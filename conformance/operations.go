package conformance

import (
	"fmt"
	"slices"
	"strings"

	"example.com/postern/api/contract"
)

// operation is an operation of the contract, and how to call it without an effect on existing resources.
type operation struct {
	contract.Description
	media string // media type of the body that cases send; empty if there is none
}

const (
	unusedID        = "9007199254740991" // the largest identifier that the contract allows
	unusedSessionID = "AAAAAAAAAAAAAAAAAAAAAAAAAA"
)

// operations returns all operations of the contract, sorted by name.
func operations(described []contract.Description) (all []operation) {
	for _, d := range described {
		o := operation{Description: d}
		for _, media := range []string{mediaForm, mediaPatch, mediaJSON} {
			if slices.Contains(d.Media, media) {
				o.media = media
			}
		}
		all = append(all, o)
	}
	return all
}

// needsToken reports whether a request without a token is refused. A member of the form may stand for the token.
func (o operation) needsToken() bool { return o.Access == contract.Secured || o.TokenMember != "" }

// hasIntegerID reports whether the path has an integer identifier.
func (o operation) hasIntegerID() bool {
	return strings.Contains(o.Path, "{id}") && !strings.HasPrefix(o.Path, "/sessions/")
}

// The kinds of credentials and bodies that an operation takes.
func (o operation) takesToken() bool   { return o.Access != contract.Public }
func (o operation) takesBody() bool    { return o.media != "" }
func (o operation) takesForm() bool    { return o.media == mediaForm }
func (o operation) takesJSON() bool    { return o.takesBody() && !o.takesForm() }
func (o operation) requiresForm() bool { return o.takesForm() && !o.OptionalBody }

// pathTo returns the path with an identifier.
func (o operation) pathTo(id any) string { return strings.ReplaceAll(o.Path, "{id}", fmt.Sprint(id)) }

// unusedPath returns the path with an identifier that no resource has.
func (o operation) unusedPath() string {
	if o.hasIntegerID() {
		return o.pathTo(unusedID)
	}
	return o.pathTo(unusedSessionID)
}

// credentials sends the token of the stranger if the operation needs one. A faulty server can only harm a temporary
// account.
func (o operation) credentials(c *caseRun) option {
	if o.needsToken() {
		return as(c.stranger())
	}
	return nil
}

// invalidBody returns a well-formed body that breaks the contract.
func (o operation) invalidBody() option {
	switch o.media {
	case "":
		return nil
	case mediaForm:
		return withForm("grant_type", "password")
	}
	return withBody(o.media, `{"conformance":1}`)
}

// send sends a body to the operation, with credentials and an identifier that no resource has.
func (o operation) send(c *caseRun, options ...option) *answer {
	return c.send(o.Method, o.unusedPath(), append([]option{o.credentials(c)}, options...)...)
}
