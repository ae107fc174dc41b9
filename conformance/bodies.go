package conformance

import "strings"

const (
	maxJSONBody = 2 << 20
	maxFormBody = 16 << 10
)

// mediaCases returns the cases of bodies that the operation does not accept.
func mediaCases(o operation) []testCase {
	return []testCase{
		invalidCase(o.ID+"/media-type", func(c *caseRun) {
			for _, media := range []string{"text/plain", o.media + "x", o.media + "; charset=iso-8859-1"} {
				o.send(c, withBody(media, "{}")).expectProblem(415, "unsupported_media_type")
			}
		}).at(Hardening),
		invalidCase(o.ID+"/content-encoding", func(c *caseRun) {
			o.send(c, withBody(o.media, "{}"), withHeader("Content-Encoding", "gzip")).expectProblem(415, "unsupported_media_type")
		}).at(Hardening),
		invalidCase(o.ID+"/too-large", func(c *caseRun) {
			limit := maxJSONBody
			if o.media == mediaForm {
				limit = maxFormBody
			}
			o.send(c, withBody(o.media, strings.Repeat(" ", limit+1))).expectProblem(413, "content_too_large")
		}).at(Hardening),
	}
}

// jsonCases returns the cases of malformed and invalid JSON.
func jsonCases(o operation) []testCase {
	malformed := func(what string, texts ...string) testCase {
		return invalidCase(o.ID+"/"+what, func(c *caseRun) {
			for _, text := range texts {
				o.send(c, withBody(o.media, text)).expectProblem(400, "malformed_body")
			}
		})
	}
	return []testCase{
		malformed("no-json", "", " ", `{"a":`, "a=b", `{"a":NaN}`, "\uFEFF{}"),
		malformed("trailing-text", `{}x`, `{} {}`).at(Hardening),
		malformed("duplicate-member", `{"a":1,"a":2}`, `{"a":1,"\u0061":2}`).at(Hardening),
		malformed("invalid-utf-8", "{\"a\":\"\xff\"}").at(Hardening),
		malformed("too-deep", strings.Repeat("[", 33)+strings.Repeat("]", 33)).at(Hardening),
		invalidCase(o.ID+"/no-object", func(c *caseRun) {
			for _, text := range []string{"null", "[]", `"x"`, "1", "1e999"} {
				o.send(c, withBody(o.media, text)).expectInvalid("body  type")
			}
		}),
		invalidCase(o.ID+"/unknown-member", func(c *caseRun) {
			a := o.send(c, withBody(o.media, `{"conformance":"canary"}`))
			a.expectNotRepeated("canary").expectInvalidField("body /conformance unknown")
		}),
	}
}

// formCases returns the cases of malformed forms.
func formCases(o operation) []testCase {
	cases := []testCase{invalidCase(o.ID+"/no-form", func(c *caseRun) {
		o.send(c, withBody(o.media, "%zz")).expectStatus(400)
		o.send(c, withBody("multipart/form-data; boundary=x", "conformance")).expectStatus(400)
	})}
	if o.OptionalBody {
		return cases
	}
	return append(cases, invalidCase(o.ID+"/json", func(c *caseRun) {
		o.send(c, withJSON(`{"username":"canary","password":"canary"}`)).expectNotRepeated("canary").expectStatus(422)
	}))
}
