package conformance

import (
	"fmt"
	"strings"
)

var userCases = []testCase{
	validCase("CreateUser/creates", func(c *caseRun) {
		email := "Conformance-" + randomText() + "@" + emailDomain
		a := c.send("POST", "/users", object{"email": email, "password": c.newPassword()}.json()).expectStatus(201)
		made := decode[account](a)
		c.expectEqual("email, as it was given", email, made.Email)
		c.expect(made.Name == nil, "no name", a)
		a.expectHeader("Location", made.path())
	}),
	invalidCase("CreateUser/taken", func(c *caseRun) {
		taken := strings.ToUpper(c.stranger().account.Email)
		c.send("POST", "/users", object{"email": taken, "password": c.newPassword()}.json()).
			expectProblem(409, "email_taken").expectNotRepeated(taken)
	}),
	invalidCase("CreateUser/fields", func(c *caseRun) {
		c.rejectJSON("POST", "/users", nil, map[string]string{
			`{}`:                          "body /email required, body /password required",
			`{"email":1,"password":null}`: "body /email type, body /password type",
			`{"password":"canary-` + strings.Repeat("x", 128) + `","email":"canary at ` + emailDomain + `"}`: "body /email format, body /password max_length",
			`{"password":"canary\u0000canary","email":"canary@` + emailDomain + `"}`:                         "body /password pattern",
			`{"password":"canary","email":"` + c.newEmail() + `"}`:                                           "body /password min_length",
			`{"password":"` + c.newPassword() + `","email":"` + c.newEmail() + `","role":"canary"}`:          "body /role unknown",
		})
	}),
	invalidCase("CreateUser/weak-password", func(c *caseRun) {
		email := c.newEmail()
		for _, password := range []string{"password", "12345678", email} {
			a := c.send("POST", "/users", object{"email": email, "password": password}.json())
			fields := a.invalidFields()
			ok := len(fields) == 1 && strings.HasPrefix(fields[0], "body /password password_")
			c.expect(ok, "422 with the reason why the password is rejected", a)
		}
	}),
	validCase("GetUser/reads", func(c *caseRun) {
		p := c.stranger().account
		a := c.get(p.path())
		c.expectEqual("id", p.ID, decode[account](a).ID)
		a.endIfReported(kindBody, "/email")
		a.expectNotRepeated(p.Email)
	}),
	invalidCase("GetUser/unknown", func(c *caseRun) { c.send("GET", "/users/"+unusedID).expectProblem(404, "user_not_found") }),
	validCase("GetCurrentUser/reads", func(c *caseRun) {
		s := c.author()
		read := decode[account](c.get("/users/me", as(s)))
		c.expect(strings.EqualFold(read.Email, s.account.Email), s.account.Email, read.Email)
		c.expectEqual("id", s.account.ID, read.ID)
	}),
	validCase("GetCurrentUser/scheme-in-any-case", func(c *caseRun) {
		c.get("/users/me", withHeader("Authorization", "bearer "+c.stranger().AccessToken))
		c.get("/users/me", withHeader("Authorization", "BEARER "+c.stranger().AccessToken))
	}),
	// The name is set, kept and removed, in both media types.
	validCase("UpdateCurrentUser/names", func(c *caseRun) {
		for _, step := range []struct {
			patch option
			name  string
		}{
			{withJSON(`{"name":"Zoë 😀"}`), "Zoë 😀"}, {withJSON(`{}`), "Zoë 😀"},
			{withMergePatch(`{"name":" e\u0301 "}`), " e\u0301 "}, {withJSON(`{"name":null}`), ""},
		} {
			now := decode[account](c.send("PATCH", "/users/me", step.patch, as(c.stranger())).expectStatus(200))
			name := ""
			if now.Name != nil {
				name = *now.Name
			}
			c.expectEqual("name", fmt.Sprintf("%q", step.name), fmt.Sprintf("%q", name))
		}
	}),
	invalidCase("UpdateCurrentUser/fields", func(c *caseRun) {
		c.rejectJSON("PATCH", "/users/me", c.stranger(), map[string]string{
			`{"name":""}`:         "body /name min_length",
			`{"name":1}`:          "body /name type",
			`{"name":"a\u0000b"}`: "body /name pattern",
			`{"name":"` + strings.Repeat("é", 101) + `"}`: "body /name max_length",
			`{"email":"canary@` + emailDomain + `"}`:      "body /email unknown",
			`{"password":"canary","name":"canary"}`:       "body /password unknown",
		})
	}),
}

// passwordCases send wrong and new passwords of the stranger.
var passwordCases = []testCase{
	invalidCase("ChangePassword/wrong-current", func(c *caseRun) {
		change := object{"current_password": wrongPassword, "new_password": c.newPassword()}
		c.send("PUT", "/users/me/password", as(c.stranger()), change.json()).
			expectProblem(403, "invalid_credentials").expectDetail("Invalid Credentials").expectNotRepeated(wrongPassword)
	}),
	invalidCase("ChangePassword/fields", func(c *caseRun) {
		c.rejectJSON("PUT", "/users/me/password", c.stranger(), map[string]string{
			`{}`: "body /current_password required, body /new_password required",
			`{"current_password":"x","new_password":"canary"}`: "body /new_password min_length",
		})
	}),
	validCase("ChangePassword/changes", func(c *caseRun) {
		current := c.stranger()
		other := c.logIn(current.account)
		change := object{"current_password": current.account.password, "new_password": c.newPassword()}
		c.send("PUT", "/users/me/password", as(current), change.json()).expectStatus(204)
		current.account.password = change["new_password"].(string)
		c.get("/users/me", as(current))
		c.expectRevoked(other)
		c.logIn(current.account)
	}),
}

// deletionCases delete an account with a post. Both must disappear at once.
var deletionCases = []testCase{validCase("DeleteCurrentUser/deletes", func(c *caseRun) {
	p := c.signUp()
	s := c.logIn(p)
	written := decode[post](c.createPost(s, object{"content": "gone soon"}).expectStatus(201))
	c.send("DELETE", "/users/me", as(s)).expectStatus(204)
	p.deleted = true
	c.expectRevoked(s)
	c.send("GET", p.path()).expectProblem(404, "user_not_found")
	c.send("GET", written.path()).expectProblem(404, "post_not_found")
	c.sendLogin(p.Email, p.password).expectProblem(403, "invalid_credentials")
})}
