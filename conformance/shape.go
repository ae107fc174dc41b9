package conformance

import (
	"fmt"
	"net/http"
	"strings"

	"example.com/postern/api/contract"
)

// shapeCases returns a case for each operation. The case only checks that the contract declares the answers.
func shapeCases(described []contract.Description) (cases []testCase) {
	for _, o := range operations(described) {
		cases = append(cases, validCase(o.id+"/shape", func(c *caseRun) { checkShape(c, o) }).at(Shape))
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
	body := func(*request) {}
	if given := shapeBodies[o.id]; given != nil {
		body = given
	}
	if o.access == secured || o.access == tokenOrMember {
		c.findMissing(o, c.send(o.method, o.target, o.invalidBody()).expectNoServerError())
	}
	if o.id == "ExportAccount" {
		return // this level is made for mock servers too, and they cannot make an export, because it is not JSON
	}
	c.send(o.method, o.target+"?conformance=1", o.credentials(c), o.invalidBody()).expectNoServerError()
	if o.id == "DeleteCurrentUser" {
		return // the account is still needed
	}
	target := o.target
	switch {
	case o.integerID && strings.HasPrefix(o.path, "/posts/"):
		target = strings.ReplaceAll(o.path, "{id}", fmt.Sprint(c.newPost(object{}).ID))
	case o.integerID:
		target = strings.ReplaceAll(o.path, "{id}", fmt.Sprint(c.stranger().account.ID))
	}
	credentials := o.credentials(c)
	if strings.HasPrefix(o.path, "/posts/") && o.access == secured {
		credentials = withToken(c.author())
	}
	if o.id == "Logout" {
		credentials = func(*request) {}
	}
	a := c.send(o.method, target, credentials, body).expectNoServerError()
	if o.access != secured {
		c.findMissing(o, a)
	}
}

const noOperation = "the server does not have the operation"

// findMissing ends the case if the server does not have the operation, and with this violation alone: it explains the
// others. The answer is for a resource that exists, or to a request without a token, which is refused before the resource
// is looked up.
func (c *caseRun) findMissing(o operation, a *answer) {
	if a.status == http.StatusNotFound || a.status == http.StatusMethodNotAllowed || a.status == http.StatusNotImplemented {
		c.missing[a.pointer] = true
		c.violations = []Violation{{Pointer: a.pointer, Cause: noOperation, Expected: "the operation " + o.id, Actual: a.String(), Curl: a.curl, kind: kindOperation}}
		c.end()
	}
}

// expectNoServerError ends the case if the server failed. An overload is no failure.
func (a *answer) expectNoServerError() *answer {
	a.run.expect(a.status < http.StatusInternalServerError || a.status == http.StatusServiceUnavailable, "no server error", a)
	return a
}
