package conformance

import (
	"net/http"
	"strings"
)

const (
	maxJSONBody = 2 << 20
	maxFormBody = 16 << 10
)

// mediaCases returns the cases of bodies that the operation does not accept.
func mediaCases(o operation) []testCase {
	if o.media == "" {
		return nil
	}
	return []testCase{
		invalidCase(o.id+"/media-type", func(c *caseRun) {
			for _, media := range []string{"text/plain", o.media + "x", o.media + "; charset=iso-8859-1"} {
				c.send(o.method, o.target, o.credentials(c), withBody(media, "{}")).expectProblem(http.StatusUnsupportedMediaType, "unsupported_media_type")
			}
		}).at(Hardening),
		invalidCase(o.id+"/content-encoding", func(c *caseRun) {
			c.send(o.method, o.target, o.credentials(c), withBody(o.media, "{}"), withHeader("Content-Encoding", "gzip")).
				expectProblem(http.StatusUnsupportedMediaType, "unsupported_media_type")
		}).at(Hardening),
		invalidCase(o.id+"/too-large", func(c *caseRun) {
			limit := maxJSONBody
			if o.media == mediaForm {
				limit = maxFormBody
			}
			c.send(o.method, o.target, o.credentials(c), withBody(o.media, strings.Repeat(" ", limit+1))).
				expectProblem(http.StatusRequestEntityTooLarge, "content_too_large")
		}).at(Hardening),
	}
}

// jsonCases returns the cases of malformed and invalid JSON.
func jsonCases(o operation) []testCase {
	malformed := func(what string, texts ...string) testCase {
		return invalidCase(o.id+"/"+what, func(c *caseRun) {
			for _, text := range texts {
				c.send(o.method, o.target, o.credentials(c), withBody(o.media, text)).expectProblem(http.StatusBadRequest, "malformed_body")
			}
		})
	}
	return []testCase{
		malformed("no-json", "", " ", `{"a":`, "a=b", `{"a":NaN}`, "\uFEFF{}"),
		malformed("trailing-text", `{}x`, `{} {}`).at(Hardening),
		malformed("duplicate-member", `{"a":1,"a":2}`, `{"a":1,"\u0061":2}`).at(Hardening),
		malformed("invalid-utf-8", "{\"a\":\"\xff\"}").at(Hardening),
		malformed("too-deep", strings.Repeat("[", 33)+strings.Repeat("]", 33)).at(Hardening),
		invalidCase(o.id+"/no-object", func(c *caseRun) {
			for _, text := range []string{"null", "[]", `"x"`, "1", "1e999"} {
				c.send(o.method, o.target, o.credentials(c), withBody(o.media, text)).expectInvalid("body  type")
			}
		}),
		invalidCase(o.id+"/unknown-member", func(c *caseRun) {
			a := c.send(o.method, o.target, o.credentials(c), withBody(o.media, `{"conformance":"canary"}`))
			a.expectNotRepeated("canary").expectInvalidField("body /conformance unknown")
		}),
	}
}

// formCases returns the cases of malformed forms.
func formCases(o operation) []testCase {
	cases := []testCase{invalidCase(o.id+"/no-form", func(c *caseRun) {
		c.send(o.method, o.target, o.credentials(c), withBody(o.media, "%zz")).expectStatus(http.StatusBadRequest)
		c.send(o.method, o.target, o.credentials(c), withBody("multipart/form-data; boundary=x", "conformance")).expectStatus(http.StatusBadRequest)
	})}
	if o.optionalBody {
		return cases
	}
	return append(cases, invalidCase(o.id+"/json", func(c *caseRun) {
		a := c.send(o.method, o.target, withJSON(`{"username":"canary","password":"canary"}`))
		a.expectNotRepeated("canary").expectStatus(http.StatusUnprocessableEntity)
	}))
}
