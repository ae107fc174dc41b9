package conformance

import (
	"fmt"
	"slices"
	"strings"
)

// expect ends the case unless ok is true.
func (c *caseRun) expect(ok bool, expected string, actual any) {
	if !ok {
		c.fail(expected, fmt.Sprint(actual))
	}
}

// expectEqual ends the case unless both values have the same printed form.
func (c *caseRun) expectEqual(what string, expected, actual any) {
	e, a := fmt.Sprint(expected), fmt.Sprint(actual)
	c.expect(e == a, what+": "+shorten(e), what+": "+shorten(a))
}

// endIfReported ends the case if the answer has a violation of this kind whose cause contains the text, so that the
// consequences are not reported as well.
func (a *answer) endIfReported(about kind, text string) {
	for _, v := range a.violations {
		if v.kind == about && strings.Contains(v.Cause, text) {
			a.run.end()
		}
	}
}

// expectStatus ends the case unless the answer has this status. The failure for a 429 explains that the server
// throttles the client.
func (a *answer) expectStatus(status int) *answer {
	if a.status == status {
		return a
	}
	a.endIfReported(kindBehaviour, "")
	if a.status == 429 {
		a.run.fail(fmt.Sprint(status), "429: the server throttles this client; try again in "+a.header.Get("Retry-After")+" s")
	}
	a.run.failBecause(fmt.Sprintf("expected %d, answered %d", status, a.status), fmt.Sprint(status), a.String())
	return nil
}

// expectSuccess ends the case unless the answer is a 2xx. A wrong 2xx is reported as an undeclared status.
func (a *answer) expectSuccess() *answer {
	if a.status/100 != 2 {
		a.expectStatus(200)
	}
	return a
}

// expectNoServerError ends the case if the server failed. An overload is not a failure.
func (a *answer) expectNoServerError() *answer {
	a.run.expect(a.status < 500 || a.status == 503, "no server error", a)
	return a
}

// expectProblem ends the case unless the answer is a problem with this status and code.
func (a *answer) expectProblem(status int, code string) *answer {
	if a.status == 429 {
		a.expectStatus(status)
	}
	if a.status != status || decode[problem](a).Code != code {
		a.run.last = a
		a.endIfReported(kindBehaviour, "")
		if a.status == status {
			a.endIfReported(kindBody, "")
		}
		a.run.fail(fmt.Sprintf("%d with the code %s", status, code), a.String())
	}
	return a
}

// expectOAuthError ends the case unless the answer is an error by RFC 6749, section 5.2, with this code.
func (a *answer) expectOAuthError(code string) *answer {
	p := decode[problem](a.expectStatus(400))
	a.run.expect(p.Error == code, "the error "+code, a)
	a.run.expectEqual("error_description", p.Detail, p.ErrorDescription)
	return a
}

// expectNotAuthenticated ends the case unless the answer is the 401 for a missing token.
func (a *answer) expectNotAuthenticated() {
	a.expectProblem(401, "not_authenticated").expectHeader("WWW-Authenticate", "Bearer").expectDetail("Not authenticated")
}

// expectInvalidToken ends the case unless the answer is the 401 for an invalid token.
func (a *answer) expectInvalidToken() {
	a.expectProblem(401, "invalid_token").expectHeader("WWW-Authenticate", `Bearer error="invalid_token"`).
		expectDetail("Could not validate credentials")
}

// invalidFields returns the fields that a 422 names, such as "body /title required". It ends the case unless the answer is a
// 422.
func (a *answer) invalidFields() (fields []string) {
	a.expectProblem(422, "validation")
	for _, f := range decode[problem](a).Errors {
		fields = append(fields, f.In+" "+f.Pointer+f.Name+" "+f.Code)
	}
	return fields
}

// expectInvalid ends the case unless the answer is a 422 that names exactly these fields.
func (a *answer) expectInvalid(fields ...string) {
	expected, actual := strings.Join(fields, ", "), strings.Join(a.invalidFields(), ", ")
	a.run.expect(actual == expected, "422 that names "+expected, "422 that names "+actual)
}

// expectInvalidField ends the case unless the answer is a 422 that names the field. It may name others, too.
func (a *answer) expectInvalidField(field string) {
	a.run.expect(slices.Contains(a.invalidFields(), field), "422 that names "+field, a)
}

// expectHeader ends the case unless the answer has this value of a header.
func (a *answer) expectHeader(name, value string) *answer {
	actual := a.header.Get(name)
	if actual != value {
		a.endIfReported(kindHeader, "header "+name+" ")
	}
	a.run.expect(actual == value, name+": "+value, name+": "+actual)
	return a
}

// expectDetail ends the case unless the answer's problem has this detail.
func (a *answer) expectDetail(detail string) *answer {
	actual := decode[problem](a).Detail
	a.run.expect(actual == detail, "the detail "+detail, "the detail "+actual)
	return a
}

// expectNotRepeated ends the case if the answer contains a value from the request.
func (a *answer) expectNotRepeated(value string) *answer {
	a.run.expect(!strings.Contains(string(a.body), value), "an answer that does not repeat the value", a)
	return a
}

// rejectJSON sends bodies one by one. Each must be rejected with a 422 that names exactly the fields beside it. No answer
// may repeat the word canary. The session may be nil.
func (c *caseRun) rejectJSON(method, path string, s *session, bodies map[string]string) {
	for text, fields := range sorted(bodies) {
		c.send(method, path, as(s), withJSON(text)).expectNotRepeated("canary").expectInvalid(fields)
	}
}
