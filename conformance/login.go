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
	good("Login/form", func(c *check) {
		p := c.stranger().person
		for _, extra := range [][]string{{}, {"grant_type", ""}, {"grant_type", "password", "scope", "", "client_id", "x", "client_secret", "y"}} {
			a := c.send("POST", "/login", form(append([]string{"username", p.Email, "password", p.password}, extra...)...))
			c.newSession(p, a)
			a.has("Cache-Control", "no-store")
		}
	}),
	good("Login/multipart", func(c *check) {
		p := c.stranger().person
		part := func(name, value string) string {
			return "--conformance\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n"
		}
		text := part("username", p.Email) + part("password", p.password) + "--conformance--\r\n"
		c.newSession(p, c.send("POST", "/login", body("multipart/form-data; boundary=conformance", text)))
	}),
	good("Login/unknown-file", func(c *check) {
		p := c.stranger().person
		const head = "--conformance\r\nContent-Disposition: form-data; name="
		text := head + `"avatar"; filename="a.png"` + "\r\n\r\n\x89PNG\r\n" + head + "\"username\"\r\n\r\n" + p.Email + "\r\n" +
			head + "\"password\"\r\n\r\n" + p.password + "\r\n--conformance--\r\n"
		c.newSession(p, c.send("POST", "/login", body("multipart/form-data; boundary=conformance", text)))
	}),
	bad("Login/nul", func(c *check) {
		for _, name := range []string{"username", "password", "scope", "client_id", "client_secret"} {
			c.send("POST", "/login", body(mediaForm, "username=x&password=x&"+name+"=%00")).is(http.StatusUnprocessableEntity)
		}
	}),
	good("Login/email-in-any-case", func(c *check) {
		p := c.stranger().person
		c.newSession(p, c.send("POST", "/login", form("username", strings.ToUpper(p.Email), "password", p.password)))
	}),
	good("Login/access-token", accessToken),
	bad("Login/wrong-credentials", wrongCredentials),
	bad("Login/fields", loginFields),
	bad("Login/credentials-in-query", func(c *check) {
		p := c.stranger().person
		query := strings.ReplaceAll("/login?username="+p.Email+"&password="+p.password, "+", "%2B")
		a := c.send("POST", query, form())
		a.hides(p.password).mentions("query username unknown")
		a.mentions("query password unknown")
	}),
}

// wrongCredentials holds what is said of a wrong password against what is said of an unknown address: all but the
// request's identifier must be the same.
func wrongCredentials(c *check) {
	const wrong = "conformance-wrong"
	known := c.send("POST", "/login", form("username", c.stranger().person.Email, "password", wrong))
	known.problem(http.StatusForbidden, "invalid_credentials").tells("Invalid Credentials").hides(wrong)
	unknown := c.send("POST", "/login", form("username", c.newEmail(), "password", wrong))
	unknown.problem(http.StatusForbidden, "invalid_credentials").tells("Invalid Credentials")
	c.equal("the answer to an unknown address", known.anonymous(), unknown.anonymous())
}

func loginFields(c *check) {
	send := func(pairs ...string) *answer { return c.send("POST", "/login", form(pairs...)).hides("canary") }
	send().invalid("body /username required", "body /password required")
	send("username", "").invalid("body /username required", "body /password required") // as if left out (RFC 6749, section 3.1)
	send("username", "canary", "password", "").invalid("body /password required")
	send("username", "canary", "password", "canary", "grant_type", "refresh_token").invalid("body /grant_type enum")
	send("username", "canary", "password", strings.Repeat("x", 1025)).invalid("body /password max_length")
	send("username", "canary", "username", "canary", "password", "x").invalid("body /username repeated")
	c.send("POST", "/login", form("username", "a\x00b", "password", "x")).invalid("body /username pattern")
}

// accessToken looks into a token, which clients do not: resource servers do (RFC 9068).
func accessToken(c *check) {
	s := c.stranger()
	parts := strings.Split(s.AccessToken, ".")
	c.expect(len(parts) == 3, "a JWT of three parts", len(parts))
	var head, claims map[string]any
	for i, into := range []*map[string]any{&head, &claims} {
		text, err := base64.RawURLEncoding.DecodeString(parts[i])
		c.expect(err == nil && json.Unmarshal(text, into) == nil, "a JWT whose parts are JSON", "another")
	}
	c.equal("typ", "at+jwt", head["typ"])
	for _, name := range []string{"alg", "kid"} {
		c.expect(head[name] != nil, "a header with "+name, "none")
	}
	c.expect(!strings.EqualFold(fmt.Sprint(head["alg"]), "none"), "a signed token", "alg none")
	for _, name := range []string{"user_id", "exp", "iss", "aud", "sub", "iat", "nbf", "jti", "sid"} {
		c.expect(claims[name] != nil, "the claim "+name, "none")
	}
	c.expect(claims["user_id"] == float64(s.person.ID), fmt.Sprintf("user_id %d", s.person.ID), claims["user_id"])
	issued, _ := claims["iat"].(float64)
	expires, _ := claims["exp"].(float64)
	c.expect(time.Duration(expires-issued)*time.Second <= time.Hour && expires > issued, "a life of an hour at most", fmt.Sprint(expires-issued, " s"))
}
