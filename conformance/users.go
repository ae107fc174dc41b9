package conformance

import (
	"fmt"
	"net/http"
	"strings"
)

var userCases = []testCase{
	validCase("CreateUser/creates", func(c *caseRun) {
		email := "Conformance-" + randomText() + "@" + emailDomain
		a := c.send("POST", "/users", object{"email": email, "password": c.newPassword()}.json()).expectStatus(http.StatusCreated)
		var made account
		a.decode(&made)
		c.expectEqual("email, as it was given", email, made.Email)
		c.expect(made.Name == nil, "no name", a)
		a.expectHeader("Location", fmt.Sprintf("/users/%d", made.ID))
	}),
	invalidCase("CreateUser/taken", func(c *caseRun) {
		taken := strings.ToUpper(c.stranger().account.Email)
		c.send("POST", "/users", object{"email": taken, "password": c.newPassword()}.json()).expectProblem(http.StatusConflict, "email_taken").expectNotRepeated(taken)
	}),
	invalidCase("CreateUser/fields", createUserFields),
	invalidCase("CreateUser/weak-password", func(c *caseRun) {
		email := c.newEmail()
		for _, password := range []string{"password", "12345678", email} {
			a := c.send("POST", "/users", object{"email": email, "password": password}.json())
			fields := a.expectProblem(http.StatusUnprocessableEntity, "validation").decodeProblem().fields()
			c.expect(len(fields) == 1 && strings.HasPrefix(fields[0], "body /password password_"), "422 with the reason why the password is rejected", a)
		}
	}),
	validCase("GetUser/reads", func(c *caseRun) {
		p := c.stranger().account
		a := c.send("GET", fmt.Sprintf("/users/%d", p.ID)).expectStatus(http.StatusOK)
		var read account
		a.decode(&read)
		c.expectEqual("id", p.ID, read.ID)
		a.endIfReported(kindBody, "/email")
		a.expectNotRepeated(p.Email)
	}),
	invalidCase("GetUser/unknown", func(c *caseRun) {
		c.send("GET", "/users/"+unusedID).expectProblem(http.StatusNotFound, "user_not_found")
	}),
	validCase("GetCurrentUser/reads", func(c *caseRun) {
		s := c.author()
		var read account
		c.send("GET", "/users/me", withToken(s)).expectStatus(http.StatusOK).decode(&read)
		c.expect(strings.EqualFold(read.Email, s.account.Email), s.account.Email, read.Email)
		c.expectEqual("id", s.account.ID, read.ID)
	}),
	validCase("GetCurrentUser/scheme-in-any-case", func(c *caseRun) {
		for _, scheme := range []string{"bearer ", "BEARER "} {
			c.send("GET", "/users/me", withHeader("Authorization", scheme+c.stranger().AccessToken)).expectStatus(http.StatusOK)
		}
	}),
	validCase("UpdateCurrentUser/names", namesAccount),
	invalidCase("UpdateCurrentUser/fields", func(c *caseRun) {
		s := c.stranger()
		for text, field := range sorted(map[string]string{
			`{"name":""}`:         "body /name min_length",
			`{"name":1}`:          "body /name type",
			`{"name":"a\u0000b"}`: "body /name pattern",
			`{"name":"` + strings.Repeat("é", 101) + `"}`:    "body /name max_length",
			`{"email":"conformance@` + emailDomain + `"}`:    "body /email unknown",
			`{"password":"conformance","name":"conformant"}`: "body /password unknown",
		}) {
			c.send("PATCH", "/users/me", withJSON(text), withToken(s)).expectNotRepeated("conforman").expectInvalid(field)
		}
	}),
}

func createUserFields(c *caseRun) {
	c.send("POST", "/users", withJSON(`{}`)).expectInvalid("body /email required", "body /password required")
	for text, fields := range sorted(map[string][]string{
		`{"email":1,"password":null}`: {"body /email type", "body /password type"},
		`{"password":"canary-` + strings.Repeat("x", 128) + `","email":"canary at ` + emailDomain + `"}`: {"body /email format", "body /password max_length"},
		`{"password":"canary\u0000canary","email":"canary@` + emailDomain + `"}`:                         {"body /password pattern"},
		`{"password":"canary","email":"` + c.newEmail() + `"}`:                                           {"body /password min_length"},
		`{"password":"` + c.newPassword() + `","email":"` + c.newEmail() + `","role":"canary"}`:          {"body /role unknown"},
	}) {
		c.send("POST", "/users", withJSON(text)).expectNotRepeated("canary").expectInvalid(fields...)
	}
}

// namesAccount sets, keeps and removes the name of an account, in both media types.
func namesAccount(c *caseRun) {
	s := c.stranger()
	for _, step := range []struct {
		patch option
		name  string
	}{
		{withJSON(`{"name":"Zoë 😀"}`), "Zoë 😀"}, {withJSON(`{}`), "Zoë 😀"},
		{withMergePatch(`{"name":" e\u0301 "}`), " e\u0301 "}, {withJSON(`{"name":null}`), ""},
	} {
		var now account
		c.send("PATCH", "/users/me", step.patch, withToken(s)).expectStatus(http.StatusOK).decode(&now)
		name := ""
		if now.Name != nil {
			name = *now.Name
		}
		c.expectEqual("name", fmt.Sprintf("%q", step.name), fmt.Sprintf("%q", name))
	}
}

// lastCases make an account unusable. The last one deletes it.
var lastCases = []testCase{
	invalidCase("ChangePassword/wrong-current", func(c *caseRun) {
		a := c.send("PUT", "/users/me/password", withToken(c.stranger()),
			object{"current_password": "conformance-wrong", "new_password": c.newPassword()}.json())
		a.expectProblem(http.StatusForbidden, "invalid_credentials").expectDetail("Invalid Credentials").expectNotRepeated("conformance-wrong")
	}),
	invalidCase("ChangePassword/fields", func(c *caseRun) {
		s := c.stranger()
		change := func(text string) *answer { return c.send("PUT", "/users/me/password", withToken(s), withJSON(text)) }
		change(`{}`).expectInvalid("body /current_password required", "body /new_password required")
		change(`{"current_password":"x","new_password":"canary"}`).expectNotRepeated("canary").expectInvalid("body /new_password min_length")
	}),
	validCase("ChangePassword/changes", changesPassword),
	validCase("DeleteCurrentUser/deletes", deletesAccount),
}

func changesPassword(c *caseRun) {
	current := c.stranger()
	other := c.logIn(current.account)
	password := c.newPassword()
	c.send("PUT", "/users/me/password", withToken(current), object{"current_password": current.account.password, "new_password": password}.json()).expectStatus(http.StatusNoContent)
	current.account.password = password
	c.send("GET", "/users/me", withToken(current)).expectStatus(http.StatusOK)
	c.expectRevoked(other)
	c.logIn(current.account)
}

// deletesAccount deletes an account with a post. Both must disappear at once.
func deletesAccount(c *caseRun) {
	p := c.signUp()
	s := c.logIn(p)
	written := c.send("POST", "/posts", withToken(s), object{"title": c.runID, "content": "gone soon"}.json()).expectStatus(http.StatusCreated).decodePost()
	c.send("DELETE", "/users/me", withToken(s)).expectStatus(http.StatusNoContent)
	p.deleted = true
	c.expectRevoked(s)
	c.send("GET", fmt.Sprintf("/users/%d", p.ID)).expectProblem(http.StatusNotFound, "user_not_found")
	c.send("GET", written.path()).expectProblem(http.StatusNotFound, "post_not_found")
	c.send("POST", "/login", withForm("username", p.Email, "password", p.password)).expectProblem(http.StatusForbidden, "invalid_credentials")
}
