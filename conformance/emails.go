package conformance

import (
	"maps"
	"net/http"
	"slices"
	"strings"
)

// emailCases covers resets, confirmations and changes of address, as far as a client without access to the mails can.
var emailCases = []testCase{
	validCase("RequestPasswordReset/any-address", resetsAnyAddress),
	invalidCase("RequestPasswordReset/fields", func(c *caseRun) {
		for text, field := range sorted(map[string]string{
			`{}`:          "body /email required",
			`{"email":1}`: "body /email type",
			`{"email":"canary at ` + emailDomain + `"}`:                    "body /email format",
			`{"email":"` + c.newEmail() + `","link":"https://canary.org"}`: "body /link unknown",
		}) {
			c.send("POST", "/password-resets", withJSON(text)).expectNotRepeated("canary").expectInvalid(field)
		}
	}),
	invalidCase("CompletePasswordReset/bad-token", func(c *caseRun) {
		rejectsMailTokens(c, "/password-resets/complete", object{"new_password": c.newPassword()})
	}),
	invalidCase("CompletePasswordReset/fields", func(c *caseRun) {
		complete := func(text string) *answer { return c.send("POST", "/password-resets/complete", withJSON(text)) }
		complete(`{}`).expectInvalid("body /token required", "body /new_password required")
		complete(`{"token":"` + unknownMailToken + `","new_password":"canary"}`).expectNotRepeated("canary").expectInvalid("body /new_password min_length")
		complete(`{"token":"` + unknownMailToken + `","new_password":"` + c.newPassword() + `","email":"a@` + emailDomain + `"}`).expectInvalid("body /email unknown")
	}),
	invalidCase("CompleteEmailVerification/bad-token", func(c *caseRun) {
		rejectsMailTokens(c, "/email-verifications/complete", object{})
	}),
	invalidCase("CompleteEmailVerification/fields", func(c *caseRun) {
		c.send("POST", "/email-verifications/complete", withJSON(`{}`)).expectInvalid("body /token required")
		c.send("POST", "/email-verifications/complete", withJSON(`{"token":null}`)).expectInvalid("body /token type")
	}),
	validCase("RequestEmailVerification/accepts", func(c *caseRun) {
		c.send("POST", "/users/me/email-verification", withToken(c.stranger())).expectStatus(http.StatusAccepted)
	}),
	validCase("ChangeEmail/waits-for-the-link", func(c *caseRun) {
		s := c.stranger()
		change := object{"current_password": s.account.password, "email": c.newEmail()}
		c.send("PUT", "/users/me/email", withToken(s), change.json()).expectStatus(http.StatusAccepted)
		var now account
		c.send("GET", "/users/me", withToken(s)).expectStatus(http.StatusOK).decode(&now)
		c.expect(strings.EqualFold(now.Email, s.account.Email), "the present address until the new one is confirmed", now.Email)
	}),
	invalidCase("ChangeEmail/wrong-password", func(c *caseRun) {
		change := object{"current_password": "conformance-wrong", "email": c.newEmail()}
		c.send("PUT", "/users/me/email", withToken(c.stranger()), change.json()).
			expectProblem(http.StatusForbidden, "invalid_credentials").expectNotRepeated("conformance-wrong")
	}),
	invalidCase("ChangeEmail/fields", func(c *caseRun) {
		change := func(text string) *answer {
			return c.send("PUT", "/users/me/email", withToken(c.stranger()), withJSON(text))
		}
		change(`{}`).expectInvalid("body /current_password required", "body /email required")
		change(`{"current_password":"x","email":"canary@` + emailDomain + `\r\nBcc: b@` + emailDomain + `"}`).expectNotRepeated("canary").expectInvalid("body /email format")
	}),
}

// resetsAnyAddress compares the answers for an address with an account and for one without. They must not differ except in
// the identifier and the time of the request.
func resetsAnyAddress(c *caseRun) {
	ask := func(email string) *answer {
		return c.send("POST", "/password-resets", object{"email": email}.json()).expectStatus(http.StatusAccepted)
	}
	known, unknown := ask(c.stranger().account.Email), ask(c.newEmail())
	c.expectEqual("the body for an address without an account", string(known.body), string(unknown.body))
	c.expectEqual("the headers for an address without an account", stableHeader(known.header), stableHeader(unknown.header))
}

// stableHeader returns a header without what differs from one request to the next.
func stableHeader(header http.Header) http.Header {
	header = maps.Clone(header)
	header.Del("X-Request-Id")
	header.Del("Date")
	return header
}

// unknownMailToken fits the contract, and no server makes it.
var unknownMailToken = strings.Repeat("A", 91)

// rejectsMailTokens sends tokens that are not in any mail: an unknown one, texts that fit no mail, and those of a session.
func rejectsMailTokens(c *caseRun, path string, members object) {
	s := c.stranger()
	send := func(token string) *answer {
		body := object{"token": token}
		maps.Copy(body, members)
		return c.send("POST", path, body.json()).expectNotRepeated(token)
	}
	send(unknownMailToken).expectProblem(http.StatusForbidden, "invalid_email_token")
	for _, token := range []string{"conformance", unknownMailToken + "A", s.AccessToken, s.RefreshToken} {
		a := send(token)
		if a.status != http.StatusForbidden {
			fields := a.expectProblem(http.StatusUnprocessableEntity, "validation").decodeProblem().fields()
			c.expect(slices.ContainsFunc(fields, func(f string) bool { return strings.HasPrefix(f, "body /token ") }), "422 that names the token", a)
		}
	}
	c.send("GET", "/users/me", withToken(s)).expectStatus(http.StatusOK)
}
