package conformance

import (
	"strings"

	"example.com/postern/api/contract"
)

// tokenEndpoint is the operation whose errors follow RFC 6749.
const tokenEndpoint = "CreateToken"

// commonCases returns the cases that apply to every operation. Their requests are invalid in more than one way, so that
// a faulty server does no harm when it accepts them.
func commonCases(o operation) []testCase {
	cases := []testCase{invalidCase(o.ID+"/unknown-parameter", func(c *caseRun) {
		a := c.send(o.Method, o.unusedPath()+"?conformance=1", o.credentials(c), o.invalidBody())
		if o.ID == tokenEndpoint {
			a.expectOAuthError("invalid_request")
			return
		}
		a.expectInvalidField("query conformance unknown")
	})}
	if o.Access != contract.Public {
		cases = append(cases, invalidCase(o.ID+"/bad-token", func(c *caseRun) { rejectsTokens(c, o) }))
	}
	if o.needsToken() {
		cases = append(cases, invalidCase(o.ID+"/no-token", func(c *caseRun) { rejectsMissingToken(c, o) }))
	}
	if o.hasIntegerID() {
		cases = append(cases, invalidCase(o.ID+"/bad-id", func(c *caseRun) { rejectsIDs(c, o) }))
	}
	switch o.media {
	case "":
		return cases
	case mediaForm:
		cases = append(cases, formCases(o)...)
	default:
		cases = append(cases, jsonCases(o)...)
	}
	return append(cases, mediaCases(o)...)
}

func rejectsTokens(c *caseRun, o operation) {
	good := c.stranger().AccessToken
	for _, credentials := range []string{"Bearer conformance", "Bearer ", "Bearer " + tampered(good), "Bearer " + good + " x"} {
		c.send(o.Method, o.unusedPath(), withHeader("Authorization", credentials)).expectInvalidToken()
	}
	once := withHeader("Authorization", "Bearer "+good)
	c.send(o.Method, o.unusedPath(), once, once).expectStatus(401)
}

// tampered returns a token with one character changed.
func tampered(token string) string {
	if token == "" {
		return "conformance"
	}
	at := len(token) * 3 / 4
	other := "A"
	if token[at:at+1] == other {
		other = "B"
	}
	return token[:at] + other + token[at+1:]
}

func rejectsMissingToken(c *caseRun, o operation) {
	c.send(o.Method, o.unusedPath()).expectNotAuthenticated()
	c.send(o.Method, o.unusedPath(), withHeader("Authorization", "Basic Y29uZm9ybWFuY2U6eA==")).expectNotAuthenticated()
	c.send(o.Method, o.unusedPath(), withHeader("Cookie", "access_token="+c.stranger().AccessToken)).expectNotAuthenticated()
}

func rejectsIDs(c *caseRun, o operation) {
	for id, code := range sorted(map[string]string{
		"0": "minimum", "-1": "minimum", "9007199254740992": "maximum", strings.Repeat("9", 40): "maximum",
		"conformance": "type", "1.0": "type", "01": "type", "1%00": "type",
	}) {
		c.send(o.Method, o.pathTo(id), o.credentials(c), o.invalidBody()).expectInvalidField("path id " + code)
	}
}
