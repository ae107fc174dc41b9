package conformance

import (
	"net/http"
	"strings"
)

// tokenEndpoint is the operation whose errors follow RFC 6749.
const tokenEndpoint = "CreateToken"

// commonCases returns the cases that apply to every operation. Their requests are invalid in more than one way, so that
// a faulty server does no harm when it accepts them.
func commonCases(o operation) []testCase {
	cases := []testCase{invalidCase(o.id+"/unknown-parameter", func(c *caseRun) {
		a := c.send(o.method, o.target+"?conformance=1", o.credentials(c), o.invalidBody())
		if o.id == tokenEndpoint {
			a.expectOAuthError("invalid_request")
			return
		}
		a.expectInvalidField("query conformance unknown")
	})}
	if o.access != public {
		cases = append(cases, invalidCase(o.id+"/bad-token", func(c *caseRun) { rejectsTokens(c, o) }))
	}
	if o.access == secured || o.access == tokenOrMember {
		cases = append(cases, invalidCase(o.id+"/no-token", func(c *caseRun) { rejectsMissingToken(c, o) }))
	}
	if o.integerID {
		cases = append(cases, invalidCase(o.id+"/bad-id", func(c *caseRun) { rejectsIDs(c, o) }))
	}
	switch o.media {
	case mediaJSON, mediaPatch:
		cases = append(cases, jsonCases(o)...)
	case mediaForm:
		cases = append(cases, formCases(o)...)
	}
	return append(cases, mediaCases(o)...)
}

// invalidBody returns a well-formed body that breaks the contract.
func (o operation) invalidBody() option {
	switch o.media {
	case "":
		return func(*request) {}
	case mediaForm:
		return withForm("grant_type", "password")
	}
	return withBody(o.media, `{"conformance":1}`)
}

// expectInvalidField ends the case unless the answer is a 422 that names the field. It may name others, too.
func (a *answer) expectInvalidField(field string) {
	a.expectProblem(http.StatusUnprocessableEntity, "validation")
	for _, f := range a.decodeProblem().fields() {
		if f == field {
			return
		}
	}
	a.run.fail("422 that names "+field, a.String())
}

// expectInvalidToken ends the case unless the answer is the 401 for an invalid token.
func (a *answer) expectInvalidToken() {
	a.expectProblem(http.StatusUnauthorized, "invalid_token").expectHeader("WWW-Authenticate", `Bearer error="invalid_token"`).
		expectDetail("Could not validate credentials")
}

// expectNotAuthenticated ends the case unless the answer is the 401 for a missing token.
func (a *answer) expectNotAuthenticated() {
	a.expectProblem(http.StatusUnauthorized, "not_authenticated").expectHeader("WWW-Authenticate", "Bearer").expectDetail("Not authenticated")
}

func rejectsTokens(c *caseRun, o operation) {
	good := c.stranger().AccessToken
	for _, credentials := range []string{"Bearer conformance", "Bearer ", "Bearer " + tampered(good), "Bearer " + good + " x"} {
		c.send(o.method, o.target, withHeader("Authorization", credentials)).expectInvalidToken()
	}
	twice := func(r *request) { r.header["Authorization"] = []string{"Bearer " + good, "Bearer " + good} }
	c.send(o.method, o.target, twice).expectStatus(http.StatusUnauthorized)
}

// tampered returns a token with one character changed.
func tampered(token string) string {
	if token == "" {
		return "conformance"
	}
	at := len(token) * 3 / 4
	other := byte('A')
	if token[at] == other {
		other = 'B'
	}
	return token[:at] + string(other) + token[at+1:]
}

func rejectsMissingToken(c *caseRun, o operation) {
	c.send(o.method, o.target).expectNotAuthenticated()
	c.send(o.method, o.target, withHeader("Authorization", "Basic Y29uZm9ybWFuY2U6eA==")).expectNotAuthenticated()
	c.send(o.method, o.target, withHeader("Cookie", "access_token="+c.stranger().AccessToken)).expectNotAuthenticated()
}

func rejectsIDs(c *caseRun, o operation) {
	for id, code := range sorted(map[string]string{
		"0": "minimum", "-1": "minimum", "9007199254740992": "maximum", strings.Repeat("9", 40): "maximum",
		"conformance": "type", "1.0": "type", "01": "type", "1%00": "type",
	}) {
		path := strings.ReplaceAll(o.path, "{id}", id)
		c.send(o.method, path, o.credentials(c), o.invalidBody()).expectInvalidField("path id " + code)
	}
}
