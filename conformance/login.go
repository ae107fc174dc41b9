package conformance

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"
)

var loginCases = []testCase{
	validCase("Login/form", func(c *caseRun) {
		p := c.stranger().account
		for _, extra := range [][]string{{}, {"grant_type", ""}, {"grant_type", "password", "scope", "", "client_id", "x", "client_secret", "y"}} {
			a := c.send("POST", "/login", withForm(append([]string{"username", p.Email, "password", p.password}, extra...)...))
			c.newSession(p, a)
			a.expectHeader("Cache-Control", "no-store")
		}
	}),
	validCase("Login/multipart", func(c *caseRun) {
		p := c.stranger().account
		part := func(name, value string) string {
			return "--conformance\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n"
		}
		text := part("username", p.Email) + part("password", p.password) + "--conformance--\r\n"
		c.newSession(p, c.send("POST", "/login", withBody("multipart/form-data; boundary=conformance", text)))
	}),
	validCase("Login/unknown-file", func(c *caseRun) {
		p := c.stranger().account
		const head = "--conformance\r\nContent-Disposition: form-data; name="
		text := head + `"avatar"; filename="a.png"` + "\r\n\r\n\x89PNG\r\n" + head + "\"username\"\r\n\r\n" + p.Email + "\r\n" +
			head + "\"password\"\r\n\r\n" + p.password + "\r\n--conformance--\r\n"
		c.newSession(p, c.send("POST", "/login", withBody("multipart/form-data; boundary=conformance", text)))
	}).at(Hardening),
	invalidCase("Login/nul", func(c *caseRun) {
		for _, name := range []string{"username", "password", "scope", "client_id", "client_secret"} {
			c.send("POST", "/login", withBody(mediaForm, "username=x&password=x&"+name+"=%00")).expectStatus(http.StatusUnprocessableEntity)
		}
	}).at(Hardening),
	validCase("Login/email-in-any-case", func(c *caseRun) {
		p := c.stranger().account
		c.newSession(p, c.send("POST", "/login", withForm("username", strings.ToUpper(p.Email), "password", p.password)))
	}),
	validCase("Login/access-token", accessToken),
	invalidCase("Login/wrong-credentials", wrongCredentials),
	invalidCase("Login/fields", loginFields),
	invalidCase("Login/credentials-in-query", func(c *caseRun) {
		p := c.stranger().account
		query := strings.ReplaceAll("/login?username="+p.Email+"&password="+p.password, "+", "%2B")
		a := c.send("POST", query, withForm())
		a.expectNotRepeated(p.password).expectInvalidField("query username unknown")
		a.expectInvalidField("query password unknown")
	}).at(Hardening),
}

// wrongCredentials compares the answers to a wrong password and to an unknown address. They must not differ except in the
// identifier of the request.
func wrongCredentials(c *caseRun) {
	const wrong = "conformance-wrong"
	known := c.send("POST", "/login", withForm("username", c.stranger().account.Email, "password", wrong))
	known.expectProblem(http.StatusForbidden, "invalid_credentials").expectDetail("Invalid Credentials").expectNotRepeated(wrong)
	unknown := c.send("POST", "/login", withForm("username", c.newEmail(), "password", wrong))
	unknown.expectProblem(http.StatusForbidden, "invalid_credentials").expectDetail("Invalid Credentials")
	c.expectEqual("the answer to an unknown address", known.bodyWithoutRequestID(), unknown.bodyWithoutRequestID())
}

func loginFields(c *caseRun) {
	send := func(pairs ...string) *answer {
		return c.send("POST", "/login", withForm(pairs...)).expectNotRepeated("canary")
	}
	send().expectInvalid("body /username required", "body /password required")
	send("username", "").expectInvalid("body /username required", "body /password required") // as if left out (RFC 6749, section 3.1)
	send("username", "canary", "password", "").expectInvalid("body /password required")
	send("username", "canary", "password", "canary", "grant_type", "refresh_token").expectInvalid("body /grant_type enum")
	send("username", "canary", "password", strings.Repeat("x", 1025)).expectInvalid("body /password max_length")
	send("username", "canary", "username", "canary", "password", "x").expectInvalid("body /username repeated")
	c.send("POST", "/login", withForm("username", "a\x00b", "password", "x")).expectInvalid("body /username pattern")
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

// accessToken checks the contents of a token, on which resource servers rely (RFC 9068).
func accessToken(c *caseRun) {
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
	c.expect(time.Duration(expires-issued)*time.Second <= time.Hour && expires > issued, "a lifetime of at most one hour", fmt.Sprint(expires-issued, " s"))
}
