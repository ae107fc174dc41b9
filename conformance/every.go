package conformance

import (
	"net/http"
	"strings"
)

// tokenEndpoint says in the words of RFC 6749 what is wrong with a form.
const tokenEndpoint = "CreateToken"

// everyOperation makes cases of what holds for all operations. They ask for what cannot be done, so that a server that does
// it all the same does no harm.
func everyOperation(o operation) []testCase {
	cases := []testCase{bad(o.id+"/unknown-parameter", func(c *check) {
		a := c.send(o.method, o.target+"?conformance=1", o.as(c), o.anyBody())
		if o.id == tokenEndpoint {
			a.oauth("invalid_request")
			return
		}
		a.mentions("query conformance unknown")
	})}
	if o.access != public {
		cases = append(cases, bad(o.id+"/bad-token", func(c *check) { refusesTokens(c, o) }))
	}
	if o.access == secured || o.access == proven {
		cases = append(cases, bad(o.id+"/no-token", func(c *check) { needsToken(c, o) }))
	}
	if o.id64 {
		cases = append(cases, bad(o.id+"/bad-id", func(c *check) { refusesIDs(c, o) }))
	}
	switch o.media {
	case mediaJSON, mediaPatch:
		cases = append(cases, jsonCases(o)...)
	case mediaForm:
		cases = append(cases, formCases(o)...)
	}
	return append(cases, mediaCases(o)...)
}

// anyBody is a body that is what it claims to be, and not valid.
func (o operation) anyBody() option {
	switch o.media {
	case "":
		return func(*request) {}
	case mediaForm:
		return form("grant_type", "password")
	}
	return body(o.media, `{"conformance":1}`)
}

// mentions ends the case unless the answer is a 422 that names a field, perhaps among others.
func (a *answer) mentions(field string) {
	a.problem(http.StatusUnprocessableEntity, "validation")
	for _, f := range a.document().fields() {
		if f == field {
			return
		}
	}
	a.check.fail("422 that names "+field, a.String())
}

// challenges ends the case unless the answer is a 401 with exactly this challenge and detail.
func (a *answer) challenges(bad bool) {
	if bad {
		a.problem(http.StatusUnauthorized, "invalid_token").has("WWW-Authenticate", `Bearer error="invalid_token"`).
			tells("Could not validate credentials")
		return
	}
	a.problem(http.StatusUnauthorized, "not_authenticated").has("WWW-Authenticate", "Bearer").tells("Not authenticated")
}

func refusesTokens(c *check, o operation) {
	good := c.stranger().AccessToken
	for _, credentials := range []string{"Bearer conformance", "Bearer ", "Bearer " + tampered(good), "Bearer " + good + " x"} {
		c.send(o.method, o.target, header("Authorization", credentials)).challenges(true)
	}
	twice := func(r *request) { r.header["Authorization"] = []string{"Bearer " + good, "Bearer " + good} }
	c.send(o.method, o.target, twice).is(http.StatusUnauthorized)
}

// tampered returns a token with another claim or signature.
func tampered(token string) string {
	at := len(token) * 3 / 4
	other := byte('A')
	if token[at] == other {
		other = 'B'
	}
	return token[:at] + string(other) + token[at+1:]
}

func needsToken(c *check, o operation) {
	c.send(o.method, o.target).challenges(false)
	c.send(o.method, o.target, header("Authorization", "Basic Y29uZm9ybWFuY2U6eA==")).challenges(false)
	c.send(o.method, o.target, header("Cookie", "access_token="+c.stranger().AccessToken)).challenges(false)
}

func refusesIDs(c *check, o operation) {
	for id, code := range map[string]string{
		"0": "minimum", "-1": "minimum", "9007199254740992": "maximum", strings.Repeat("9", 40): "maximum",
		"conformance": "type", "1.0": "type", "01": "type", "1%00": "type",
	} {
		path := strings.ReplaceAll(o.path, "{id}", id)
		c.send(o.method, path, o.as(c), o.anyBody()).mentions("path id " + code)
	}
}
