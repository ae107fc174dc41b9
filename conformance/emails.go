package conformance

import (
	"maps"
	"net/http"
	"slices"
	"strings"
)

// emailCases covers resets, confirmations and changes of address, as far as a client without access to the mails can.
var emailCases = []testCase{
	// The answers for an address with an account and for one without must not differ except in the identifier and the time.
	validCase("RequestPasswordReset/any-address", func(c *caseRun) {
		ask := func(email string) *answer {
			return c.send("POST", "/password-resets", object{"email": email}.json()).expectStatus(202)
		}
		known, unknown := ask(c.stranger().account.Email), ask(c.newEmail())
		c.expectEqual("the body for an address without an account", string(known.body), string(unknown.body))
		c.expectEqual("the headers for an address without an account", stableHeader(known.header), stableHeader(unknown.header))
	}),
	invalidCase("RequestPasswordReset/fields", func(c *caseRun) {
		c.rejectJSON("POST", "/password-resets", nil, map[string]string{
			`{}`:          "body /email required",
			`{"email":1}`: "body /email type",
			`{"email":"canary at ` + emailDomain + `"}`:                    "body /email format",
			`{"email":"` + c.newEmail() + `","link":"https://canary.org"}`: "body /link unknown",
		})
	}),
	invalidCase("CompletePasswordReset/bad-token", func(c *caseRun) {
		rejectsMailTokens(c, "/password-resets/complete", object{"new_password": c.newPassword()})
	}),
	invalidCase("CompletePasswordReset/fields", func(c *caseRun) {
		withToken := `{"token":"` + unknownMailToken + `","new_password":"`
		c.rejectJSON("POST", "/password-resets/complete", nil, map[string]string{
			`{}`:                   "body /token required, body /new_password required",
			withToken + `canary"}`: "body /new_password min_length",
			withToken + c.newPassword() + `","email":"a@` + emailDomain + `"}`: "body /email unknown",
		})
	}),
	invalidCase("CompleteEmailVerification/bad-token", func(c *caseRun) { rejectsMailTokens(c, "/email-verifications/complete", nil) }),
	invalidCase("CompleteEmailVerification/fields", func(c *caseRun) {
		c.rejectJSON("POST", "/email-verifications/complete", nil, map[string]string{
			`{}`: "body /token required", `{"token":null}`: "body /token type",
		})
	}),
	validCase("RequestEmailVerification/accepts", func(c *caseRun) {
		c.send("POST", "/users/me/email-verification", as(c.stranger())).expectStatus(202)
	}),
	validCase("ChangeEmail/waits-for-the-link", func(c *caseRun) {
		s := c.stranger()
		change := object{"current_password": s.account.password, "email": c.newEmail()}
		c.send("PUT", "/users/me/email", as(s), change.json()).expectStatus(202)
		now := decode[account](c.get("/users/me", as(s)))
		c.expect(strings.EqualFold(now.Email, s.account.Email), "the present address until the new one is confirmed", now.Email)
	}),
	invalidCase("ChangeEmail/wrong-password", func(c *caseRun) {
		change := object{"current_password": wrongPassword, "email": c.newEmail()}
		c.send("PUT", "/users/me/email", as(c.stranger()), change.json()).
			expectProblem(403, "invalid_credentials").expectNotRepeated(wrongPassword)
	}),
	invalidCase("ChangeEmail/fields", func(c *caseRun) {
		injection := "canary@" + emailDomain + `\r\nBcc: b@` + emailDomain
		c.rejectJSON("PUT", "/users/me/email", c.stranger(), map[string]string{
			`{}`: "body /current_password required, body /email required",
			`{"current_password":"x","email":"` + injection + `"}`: "body /email format",
		})
	}),
}

// stableHeader returns a header without the fields that differ in every request.
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
	send(unknownMailToken).expectProblem(403, "invalid_email_token")
	for _, token := range []string{"conformance", unknownMailToken + "A", s.AccessToken, s.RefreshToken} {
		if a := send(token); a.status != 403 {
			ofToken := func(field string) bool { return strings.HasPrefix(field, "body /token ") }
			c.expect(slices.ContainsFunc(a.invalidFields(), ofToken), "422 that names the token", a)
		}
	}
	c.get("/users/me", as(s))
}
