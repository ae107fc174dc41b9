package conformance

import (
	"strings"
)

// commonCases apply to every operation of a kind, and have the name OperationID/topic. Their requests are invalid in more
// than one way, so that a faulty server does no harm when it accepts them.
var commonCases = []struct {
	topic   string
	level   Level
	applies func(operation) bool
	run     func(*caseRun, operation)
}{
	{"unknown-parameter", Behaviour, func(operation) bool { return true }, rejectsUnknownParameter},
	{"bad-token", Behaviour, operation.takesToken, rejectsTokens},
	{"no-token", Behaviour, operation.needsToken, rejectsMissingToken},
	{"bad-id", Behaviour, operation.hasIntegerID, rejectsIDs},
	{"no-json", Behaviour, operation.takesJSON, rejectsMalformed("", " ", `{"a":`, "a=b", `{"a":NaN}`, "\uFEFF{}")},
	{"trailing-text", Hardening, operation.takesJSON, rejectsMalformed(`{}x`, `{} {}`)},
	{"duplicate-member", Hardening, operation.takesJSON, rejectsMalformed(`{"a":1,"a":2}`, `{"a":1,"\u0061":2}`)},
	{"invalid-utf-8", Hardening, operation.takesJSON, rejectsMalformed("{\"a\":\"\xff\"}")},
	{"too-deep", Hardening, operation.takesJSON, rejectsMalformed(strings.Repeat("[", 33) + strings.Repeat("]", 33))},
	{"no-object", Behaviour, operation.takesJSON, rejectsOtherValues},
	{"unknown-member", Behaviour, operation.takesJSON, rejectsUnknownMember},
	{"no-form", Behaviour, operation.takesForm, rejectsBrokenForms},
	{"json", Behaviour, operation.requiresForm, rejectsJSONForForm},
	{"media-type", Hardening, operation.takesBody, rejectsMediaTypes},
	{"content-encoding", Hardening, operation.takesBody, rejectsEncoding},
	{"too-large", Hardening, operation.takesBody, rejectsLargeBody},
}

// commonCasesOf returns the common cases that apply to an operation.
func commonCasesOf(o operation) (cases []testCase) {
	for _, common := range commonCases {
		if common.applies(o) {
			run := func(c *caseRun) { common.run(c, o) }
			cases = append(cases, invalidCase(o.ID+"/"+common.topic, run).at(common.level))
		}
	}
	return cases
}

// tokenEndpoint is the operation whose errors follow RFC 6749.
const tokenEndpoint = "CreateToken"

func rejectsUnknownParameter(c *caseRun, o operation) {
	a := c.send(o.Method, o.unusedPath()+"?conformance=1", o.credentials(c), o.invalidBody())
	if o.ID == tokenEndpoint {
		a.expectOAuthError("invalid_request")
	} else {
		a.expectInvalidField("query conformance unknown")
	}
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

// rejectsMalformed sends texts that are not JSON by RFC 7493.
func rejectsMalformed(texts ...string) func(*caseRun, operation) {
	return func(c *caseRun, o operation) {
		for _, text := range texts {
			o.send(c, withBody(o.media, text)).expectProblem(400, "malformed_body")
		}
	}
}

// rejectsOtherValues sends JSON values that are not objects.
func rejectsOtherValues(c *caseRun, o operation) {
	for _, text := range []string{"null", "[]", `"x"`, "1", "1e999"} {
		o.send(c, withBody(o.media, text)).expectInvalid("body  type")
	}
}

func rejectsUnknownMember(c *caseRun, o operation) {
	a := o.send(c, withBody(o.media, `{"conformance":"canary"}`))
	a.expectNotRepeated("canary").expectInvalidField("body /conformance unknown")
}

func rejectsBrokenForms(c *caseRun, o operation) {
	o.send(c, withBody(mediaForm, "%zz")).expectStatus(400)
	o.send(c, withBody("multipart/form-data; boundary=x", "conformance")).expectStatus(400)
}

func rejectsJSONForForm(c *caseRun, o operation) {
	o.send(c, withJSON(`{"username":"canary","password":"canary"}`)).expectNotRepeated("canary").expectStatus(422)
}

func rejectsMediaTypes(c *caseRun, o operation) {
	for _, media := range []string{"text/plain", o.media + "x", o.media + "; charset=iso-8859-1"} {
		o.send(c, withBody(media, "{}")).expectProblem(415, "unsupported_media_type")
	}
}

func rejectsEncoding(c *caseRun, o operation) {
	o.send(c, withBody(o.media, "{}"), withHeader("Content-Encoding", "gzip")).expectProblem(415, "unsupported_media_type")
}

func rejectsLargeBody(c *caseRun, o operation) {
	limit := 2 << 20
	if o.takesForm() {
		limit = 16 << 10
	}
	o.send(c, withBody(o.media, strings.Repeat(" ", limit+1))).expectProblem(413, "content_too_large")
}
