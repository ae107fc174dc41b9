package conformance

import (
	"strings"

	"example.com/postern/api/contract"
)

// shapeCases returns a case for each operation. The case only checks that the contract declares the answers.
func shapeCases(all []operation) (cases []testCase) {
	for _, o := range all {
		cases = append(cases, validCase(o.ID+"/shape", func(c *caseRun) { checkShape(c, o) }).at(Shape))
	}
	return cases
}

// shapeBodies are bodies with which an operation succeeds without harm, or with which it fails.
var shapeBodies = map[string]option{
	"CreateUser":        object{"email": "conformance", "password": "x"}.json(),
	"CreatePost":        object{"title": "conformance", "content": "text"}.json(),
	"UpdatePost":        object{"title": "conformance", "content": "text"}.json(),
	"PatchPost":         withMergePatch(`{"title":"conformance"}`),
	"UpdateCurrentUser": withMergePatch(`{"name":"Conformance"}`),
	"ChangePassword":    object{"new_password": "conformance-8LJzN2"}.json(),
	"Login":             withForm("username", "conformance@"+emailDomain),
	"CreateToken":       withForm("grant_type", "refresh_token", "refresh_token", "conformance"),
	"Logout":            withForm("refresh_token", "conformance"),
}

func checkShape(c *caseRun, o operation) {
	if o.needsToken() {
		c.findMissing(o, c.send(o.Method, o.unusedPath(), o.invalidBody()).expectNoServerError())
	}
	if o.ID == "ExportAccount" {
		return // this level is made for mock servers too, and they cannot make an export, because it is not JSON
	}
	c.send(o.Method, o.unusedPath()+"?conformance=1", o.credentials(c), o.invalidBody()).expectNoServerError()
	if o.ID == "DeleteCurrentUser" {
		return // the account is still needed
	}
	path := o.unusedPath()
	ofPost := strings.HasPrefix(o.Path, "/posts/")
	switch {
	case o.hasIntegerID() && ofPost:
		path = o.pathTo(c.newPost(nil).ID)
	case o.hasIntegerID():
		path = o.pathTo(c.stranger().account.ID)
	}
	var credentials option
	switch {
	case o.Access == contract.Secured && ofPost:
		credentials = as(c.author())
	case o.Access == contract.Secured:
		credentials = as(c.stranger())
	}
	a := c.send(o.Method, path, credentials, shapeBodies[o.ID]).expectNoServerError()
	if o.Access != contract.Secured {
		c.findMissing(o, a)
	}
}

const noOperation = "the server does not have the operation"

// findMissing ends the case if the server does not have the operation. It reports this violation alone, because this one
// explains all others. The answer must be for a resource that exists, or to a request without a token, which a server
// refuses before it looks for the resource.
func (c *caseRun) findMissing(o operation, a *answer) {
	if a.status == 404 || a.status == 405 || a.status == 501 {
		c.missing[a.pointer] = true
		c.violations = []Violation{{a.pointer, noOperation, "the operation " + o.ID, a.String(), a.curl, kindOperation}}
		c.end()
	}
}
