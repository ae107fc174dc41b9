package conformance

import "net/http"

var tokenCases = []testCase{
	good("CreateToken/password", func(c *check) {
		p := c.stranger().person
		a := c.send("POST", "/token", form("grant_type", "password", "username", p.Email, "password", p.password))
		s := c.newSession(p, a)
		a.has("Cache-Control", "no-store")
		c.send("GET", "/users/me", by(s)).is(http.StatusOK)
	}),
	good("CreateToken/refresh", refreshes),
	bad("CreateToken/reuse", reuseEndsSession),
	bad("CreateToken/errors", oauthErrors),
	bad("CreateToken/wrong-password", func(c *check) {
		a := c.send("POST", "/token", form("grant_type", "password", "username", c.stranger().person.Email, "password", "conformance-wrong"))
		a.oauth("invalid_grant").tells("Invalid Credentials").hides("conformance-wrong")
	}),
	good("Logout/by-access-token", func(c *check) {
		s := c.logIn(c.stranger().person)
		c.send("POST", "/logout", by(s)).is(http.StatusNoContent)
		s.ended = true
		c.refusedSoon(s)
		c.refresh(s).oauth("invalid_grant")
		c.send("POST", "/logout", by(s)).challenges(true)
	}),
	good("Logout/empty-chunked", func(c *check) {
		s := c.logIn(c.stranger().person)
		c.send("POST", "/logout", by(s), func(r *request) { r.chunked = true }).is(http.StatusNoContent)
		s.ended = true
		c.refusedSoon(s)
	}),
	good("Logout/by-refresh-token", func(c *check) {
		s := c.logIn(c.stranger().person)
		c.endSession(s)
		c.refusedSoon(s)
		c.refresh(s).oauth("invalid_grant")
		c.endSession(s) // RFC 7009, section 2.2
	}),
	good("Logout/unknown-refresh-token", func(c *check) {
		c.send("POST", "/logout", form("refresh_token", c.mark)).is(http.StatusNoContent)
	}),
	bad("Logout/empty-refresh-token", func(c *check) {
		c.send("POST", "/logout", form("refresh_token", "")).challenges(false) // as if left out (RFC 6749, section 3.1)
	}),
}

// oauth ends the case unless the answer is an error of RFC 6749, section 5.2.
func (a *answer) oauth(code string) *answer {
	a.is(http.StatusBadRequest)
	p := a.document()
	a.check.expect(p.Error == code, "the error "+code, a)
	a.check.equal("error_description", p.Detail, p.ErrorDescription)
	return a
}

func (c *check) refresh(s *session) *answer {
	return c.send("POST", "/token", form("grant_type", "refresh_token", "refresh_token", s.RefreshToken))
}

// refreshes follows a session over a step, and asks for the step again as whoever lost the answer does.
func refreshes(c *check) {
	first := c.logIn(c.stranger().person)
	next := c.newSession(first.person, c.refresh(first))
	c.expect(next.RefreshToken != first.RefreshToken, "another refresh token", "the same")
	c.expect(next.AccessToken != first.AccessToken, "a fresh access token", "the same")
	c.send("GET", "/users/me", by(next)).is(http.StatusOK)
	again := c.newSession(first.person, c.refresh(first))
	c.expect(again.RefreshToken == next.RefreshToken, "the same next refresh token, as within 30 s", "another")
	c.send("GET", "/users/me", by(again)).is(http.StatusOK)
}

// reuseEndsSession presents a refresh token that is older than the one before the newest: it has been stolen.
func reuseEndsSession(c *check) {
	first := c.logIn(c.stranger().person)
	second := c.newSession(first.person, c.refresh(first))
	third := c.newSession(first.person, c.refresh(second))
	c.refresh(first).oauth("invalid_grant")
	for _, s := range []*session{first, second, third} {
		s.ended = true
	}
	c.refresh(third).oauth("invalid_grant")
	c.refusedSoon(third)
}

func oauthErrors(c *check) {
	s := c.stranger()
	send := func(pairs ...string) *answer { return c.send("POST", "/token", form(pairs...)) }
	send().oauth("invalid_request")
	send("grant_type", "client_credentials").oauth("unsupported_grant_type")
	send("grant_type", "password").oauth("invalid_request")
	send("grant_type", "refresh_token").oauth("invalid_request")
	send("grant_type", "password", "grant_type", "password", "username", "x", "password", "x").oauth("invalid_request")
	send("grant_type", "refresh_token", "refresh_token", "").oauth("invalid_request")
	send("grant_type", "refresh_token", "refresh_token", c.mark).oauth("invalid_grant").hides(c.mark)
	send("grant_type", "refresh_token", "refresh_token", s.AccessToken).oauth("invalid_grant")
	send("grant_type", "refresh_token", "refresh_token", tampered(s.RefreshToken)).oauth("invalid_grant")
	c.send("GET", "/users/me", header("Authorization", "Bearer "+s.RefreshToken)).challenges(true)
}
