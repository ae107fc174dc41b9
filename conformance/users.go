package conformance

import (
	"fmt"
	"net/http"
	"strings"
)

var userCases = []testCase{
	good("CreateUser/creates", func(c *check) {
		email := "Conformance-" + randomText() + "@" + domain
		a := c.send("POST", "/users", object{"email": email, "password": c.newPassword()}.json()).is(http.StatusCreated)
		var made person
		a.decode(&made)
		c.equal("email, as it was given", email, made.Email)
		c.expect(made.Name == nil, "no name", a)
		a.has("Location", fmt.Sprintf("/users/%d", made.ID))
	}),
	bad("CreateUser/taken", func(c *check) {
		taken := strings.ToUpper(c.stranger().person.Email)
		c.send("POST", "/users", object{"email": taken, "password": c.newPassword()}.json()).hides(taken).problem(http.StatusConflict, "email_taken")
	}),
	bad("CreateUser/fields", createUserFields),
	bad("CreateUser/weak-password", func(c *check) {
		email := c.newEmail()
		for _, password := range []string{"password", "12345678", email} {
			a := c.send("POST", "/users", object{"email": email, "password": password}.json())
			fields := a.problem(http.StatusUnprocessableEntity, "validation").document().fields()
			c.expect(len(fields) == 1 && strings.HasPrefix(fields[0], "body /password password_"), "422 that says why the password is refused", a)
		}
	}),
	good("GetUser/reads", func(c *check) {
		p := c.stranger().person
		a := c.send("GET", fmt.Sprintf("/users/%d", p.ID)).is(http.StatusOK)
		var read person
		a.decode(&read)
		c.equal("id", p.ID, read.ID)
		a.hides(p.Email)
	}),
	bad("GetUser/unknown", func(c *check) { c.send("GET", "/users/"+nobodysID).problem(http.StatusNotFound, "user_not_found") }),
	good("GetCurrentUser/reads", func(c *check) {
		s := c.author()
		var read person
		c.send("GET", "/users/me", by(s)).is(http.StatusOK).decode(&read)
		c.expect(strings.EqualFold(read.Email, s.person.Email), s.person.Email, read.Email)
		c.equal("id", s.person.ID, read.ID)
	}),
	good("GetCurrentUser/scheme-in-any-case", func(c *check) {
		for _, scheme := range []string{"bearer ", "BEARER "} {
			c.send("GET", "/users/me", header("Authorization", scheme+c.stranger().AccessToken)).is(http.StatusOK)
		}
	}),
	good("UpdateCurrentUser/names", namesAccount),
	bad("UpdateCurrentUser/fields", func(c *check) {
		s := c.stranger()
		for text, field := range map[string]string{
			`{"name":""}`:         "body /name min_length",
			`{"name":1}`:          "body /name type",
			`{"name":"a\u0000b"}`: "body /name pattern",
			`{"name":"` + strings.Repeat("é", 101) + `"}`:    "body /name max_length",
			`{"email":"conformance@` + domain + `"}`:         "body /email unknown",
			`{"password":"conformance","name":"conformant"}`: "body /password unknown",
		} {
			c.send("PATCH", "/users/me", jsonText(text), by(s)).hides("conforman").invalid(field)
		}
	}),
}

func createUserFields(c *check) {
	c.send("POST", "/users", jsonText(`{}`)).invalid("body /email required", "body /password required")
	for text, fields := range map[string][]string{
		`{"email":1,"password":null}`: {"body /email type", "body /password type"},
		`{"password":"canary-` + strings.Repeat("x", 128) + `","email":"canary at ` + domain + `"}`: {"body /email format", "body /password max_length"},
		`{"password":"canary\u0000canary","email":"canary@` + domain + `"}`:                         {"body /password pattern"},
		`{"password":"canary","email":"` + c.newEmail() + `"}`:                                      {"body /password min_length"},
		`{"password":"` + c.newPassword() + `","email":"` + c.newEmail() + `","role":"canary"}`:     {"body /role unknown"},
	} {
		c.send("POST", "/users", jsonText(text)).hides("canary").invalid(fields...)
	}
}

// namesAccount gives the stranger a name in both media types, keeps it, and takes it away.
func namesAccount(c *check) {
	s := c.stranger()
	for _, step := range []struct {
		patch option
		name  string
	}{
		{jsonText(`{"name":"Zoë 😀"}`), "Zoë 😀"}, {jsonText(`{}`), "Zoë 😀"},
		{patchText(`{"name":" e\u0301 "}`), " e\u0301 "}, {jsonText(`{"name":null}`), ""},
	} {
		var now person
		c.send("PATCH", "/users/me", step.patch, by(s)).is(http.StatusOK).decode(&now)
		name := ""
		if now.Name != nil {
			name = *now.Name
		}
		c.equal("name", fmt.Sprintf("%q", step.name), fmt.Sprintf("%q", name))
	}
}

// lastCases use an account up.
var lastCases = []testCase{
	bad("ChangePassword/wrong-current", func(c *check) {
		a := c.send("PUT", "/users/me/password", by(c.stranger()),
			object{"current_password": "conformance-wrong", "new_password": c.newPassword()}.json())
		a.problem(http.StatusForbidden, "invalid_credentials").tells("Invalid Credentials").hides("conformance-wrong")
	}),
	bad("ChangePassword/fields", func(c *check) {
		s := c.stranger()
		change := func(text string) *answer { return c.send("PUT", "/users/me/password", by(s), jsonText(text)) }
		change(`{}`).invalid("body /current_password required", "body /new_password required")
		change(`{"current_password":"x","new_password":"canary"}`).hides("canary").invalid("body /new_password min_length")
	}),
	good("ChangePassword/changes", changesPassword),
	good("DeleteCurrentUser/deletes", deletesAccount),
}

func changesPassword(c *check) {
	current := c.stranger()
	other := c.logIn(current.person)
	password := c.newPassword()
	c.send("PUT", "/users/me/password", by(current), object{"current_password": current.person.password, "new_password": password}.json()).is(http.StatusNoContent)
	current.person.password = password
	c.send("GET", "/users/me", by(current)).is(http.StatusOK)
	c.refusedSoon(other)
	c.logIn(current.person)
}

// deletesAccount deletes an account with a post, both of which must be gone at once.
func deletesAccount(c *check) {
	p := c.signUp()
	s := c.logIn(p)
	written := c.send("POST", "/posts", by(s), object{"title": c.mark, "content": "gone soon"}.json()).is(http.StatusCreated).post()
	c.send("DELETE", "/users/me", by(s)).is(http.StatusNoContent)
	p.deleted = true
	c.refusedSoon(s)
	c.send("GET", fmt.Sprintf("/users/%d", p.ID)).problem(http.StatusNotFound, "user_not_found")
	c.send("GET", written.path()).problem(http.StatusNotFound, "post_not_found")
	c.send("POST", "/login", form("username", p.Email, "password", p.password)).problem(http.StatusForbidden, "invalid_credentials")
}
