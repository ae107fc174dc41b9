package conformance

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

var loginCases = []testCase{
	validCase("Login/form", func(c *caseRun) {
		p := c.stranger().account
		oauth := []string{"grant_type", "password", "scope", "", "client_id", "x", "client_secret", "y"}
		for _, extra := range [][]string{nil, {"grant_type", ""}, oauth} {
			a := c.sendLogin(p.Email, p.password, extra...)
			c.newSession(p, a)
			a.expectHeader("Cache-Control", "no-store")
		}
	}),
	validCase("Login/multipart", func(c *caseRun) { logsInWithParts(c, "") }),
	validCase("Login/unknown-file", func(c *caseRun) {
		logsInWithParts(c, part(`"avatar"; filename="a.png"`, "\x89PNG"))
	}).at(Hardening),
	invalidCase("Login/nul", func(c *caseRun) {
		for _, name := range []string{"username", "password", "scope", "client_id", "client_secret"} {
			c.send("POST", "/login", withBody(mediaForm, "username=x&password=x&"+name+"=%00")).expectStatus(422)
		}
	}).at(Hardening),
	validCase("Login/email-in-any-case", func(c *caseRun) {
		p := c.stranger().account
		c.newSession(p, c.sendLogin(strings.ToUpper(p.Email), p.password))
	}),
	// Resource servers rely on the contents of a token (RFC 9068).
	validCase("Login/access-token", func(c *caseRun) {
		s := c.stranger()
		head, claims := c.decodeToken(s.AccessToken)
		c.expectEqual("typ", "at+jwt", head["typ"])
		for _, name := range []string{"alg", "kid"} {
			c.expect(head[name] != nil, "a header with "+name, "none")
		}
		c.expect(!strings.EqualFold(fmt.Sprint(head["alg"]), "none"), "a signed token", "alg none")
		for _, name := range []string{"user_id", "exp", "iss", "aud", "sub", "iat", "nbf", "jti", "sid"} {
			c.expect(claims[name] != nil, "the claim "+name, "none")
		}
		c.expect(claims["user_id"] == float64(s.account.ID), fmt.Sprintf("user_id %d", s.account.ID), claims["user_id"])
		issued, _ := claims["iat"].(float64)
		expires, _ := claims["exp"].(float64)
		life := time.Duration(expires-issued) * time.Second
		c.expect(life > 0 && life <= time.Hour, "a lifetime of at most one hour", fmt.Sprint(expires-issued, " s"))
	}),
	// The answers to a wrong password and to an unknown address must not differ except in the identifier of the request.
	invalidCase("Login/wrong-credentials", func(c *caseRun) {
		reject := func(email string) string {
			a := c.sendLogin(email, wrongPassword).expectProblem(403, "invalid_credentials")
			return a.expectDetail("Invalid Credentials").expectNotRepeated(wrongPassword).bodyWithoutRequestID()
		}
		known := reject(c.stranger().account.Email)
		c.expectEqual("the answer to an unknown address", known, reject(c.newEmail()))
	}),
	invalidCase("Login/fields", func(c *caseRun) {
		for _, rejected := range []struct{ form, fields string }{
			{"", "body /username required, body /password required"},
			{"username=", "body /username required, body /password required"}, // as if left out (RFC 6749, section 3.1)
			{"username=canary&password=", "body /password required"},
			{"username=canary&password=canary&grant_type=refresh_token", "body /grant_type enum"},
			{"username=canary&password=" + strings.Repeat("x", 1025), "body /password max_length"},
			{"username=canary&username=canary&password=x", "body /username repeated"},
			{"username=a%00b&password=x", "body /username pattern"},
		} {
			c.send("POST", "/login", withBody(mediaForm, rejected.form)).expectNotRepeated("canary").expectInvalid(rejected.fields)
		}
	}),
	invalidCase("Login/credentials-in-query", func(c *caseRun) {
		p := c.stranger().account
		query := strings.ReplaceAll("/login?username="+p.Email+"&password="+p.password, "+", "%2B")
		a := c.send("POST", query, withForm()).expectNotRepeated(p.password)
		a.expectInvalidField("query username unknown")
		a.expectInvalidField("query password unknown")
	}).at(Hardening),
}

// wrongPassword is a password that no account has.
const wrongPassword = "conformance-wrong"

// sendLogin sends a login form. The extra fields are alternating names and values.
func (c *caseRun) sendLogin(email, password string, extra ...string) *answer {
	return c.send("POST", "/login", withForm(append([]string{"username", email, "password", password}, extra...)...))
}

// part returns a part of a multipart form.
func part(name, value string) string {
	return "--conformance\r\nContent-Disposition: form-data; name=" + name + "\r\n\r\n" + value + "\r\n"
}

// logsInWithParts logs in with a multipart form that begins with another part.
func logsInWithParts(c *caseRun, first string) {
	p := c.stranger().account
	text := first + part(`"username"`, p.Email) + part(`"password"`, p.password) + "--conformance--\r\n"
	c.newSession(p, c.send("POST", "/login", withBody("multipart/form-data; boundary=conformance", text)))
}

// decodeToken returns the header and the claims of a JWT.
func (c *caseRun) decodeToken(token string) (head, claims map[string]any) {
	parts := strings.Split(token, ".")
	c.expect(len(parts) == 3, "a JWT of three parts", len(parts))
	for i, into := range []*map[string]any{&head, &claims} {
		text, err := base64.RawURLEncoding.DecodeString(parts[i])
		c.expect(err == nil && json.Unmarshal(text, into) == nil, "a JWT whose parts are JSON", "no JSON")
	}
	return head, claims
}
