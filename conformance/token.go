package conformance

var tokenCases = []testCase{
	validCase("CreateToken/password", func(c *caseRun) {
		p := c.stranger().account
		a := c.send("POST", "/token", withForm("grant_type", "password", "username", p.Email, "password", p.password))
		s := c.newSession(p, a)
		a.expectHeader("Cache-Control", "no-store")
		c.get("/users/me", as(s))
	}),
	// A client that lost the answer repeats the request.
	validCase("CreateToken/refresh", func(c *caseRun) {
		first := c.logIn(c.stranger().account)
		next := c.newSession(first.account, c.refresh(first))
		c.expect(next.RefreshToken != first.RefreshToken, "another refresh token", "the same")
		c.expect(next.AccessToken != first.AccessToken, "another access token", "the same")
		c.get("/users/me", as(next))
		again := c.newSession(first.account, c.refresh(first))
		c.expect(again.RefreshToken == next.RefreshToken, "the same refresh token again within 30 s", "another")
		c.get("/users/me", as(again))
	}),
	// A refresh token from before the previous one may have been stolen.
	invalidCase("CreateToken/reuse", func(c *caseRun) {
		first := c.logIn(c.stranger().account)
		second := c.newSession(first.account, c.refresh(first))
		third := c.newSession(first.account, c.refresh(second))
		c.refresh(first).expectOAuthError("invalid_grant")
		first.ended, second.ended, third.ended = true, true, true
		c.refresh(third).expectOAuthError("invalid_grant")
		c.expectRevoked(third)
	}),
	invalidCase("CreateToken/errors", func(c *caseRun) {
		s := c.stranger()
		reject := func(code string, pairs ...string) *answer {
			return c.send("POST", "/token", withForm(pairs...)).expectOAuthError(code)
		}
		reject("invalid_request")
		reject("unsupported_grant_type", "grant_type", "client_credentials")
		reject("invalid_request", "grant_type", "password")
		reject("invalid_request", "grant_type", "refresh_token")
		reject("invalid_request", "grant_type", "password", "grant_type", "password", "username", "x", "password", "x")
		reject("invalid_request", "grant_type", "refresh_token", "refresh_token", "")
		reject("invalid_grant", "grant_type", "refresh_token", "refresh_token", c.runID).expectNotRepeated(c.runID)
		reject("invalid_grant", "grant_type", "refresh_token", "refresh_token", s.AccessToken)
		reject("invalid_grant", "grant_type", "refresh_token", "refresh_token", tampered(s.RefreshToken))
		c.send("GET", "/users/me", withHeader("Authorization", "Bearer "+s.RefreshToken)).expectInvalidToken()
	}),
	invalidCase("CreateToken/wrong-password", func(c *caseRun) {
		email := c.stranger().account.Email
		c.send("POST", "/token", withForm("grant_type", "password", "username", email, "password", wrongPassword)).
			expectOAuthError("invalid_grant").expectDetail("Invalid Credentials").expectNotRepeated(wrongPassword)
	}),
	validCase("Logout/by-access-token", func(c *caseRun) {
		s := c.logIn(c.stranger().account)
		c.send("POST", "/logout", as(s)).expectStatus(204)
		c.expectEnded(s)
		c.send("POST", "/logout", as(s)).expectInvalidToken()
	}),
	validCase("Logout/empty-chunked", func(c *caseRun) {
		s := c.logIn(c.stranger().account)
		c.send("POST", "/logout", as(s), func(r *request) { r.chunked = true }).expectStatus(204)
		c.expectRevoked(s)
	}).at(Hardening),
	validCase("Logout/by-refresh-token", func(c *caseRun) {
		s := c.logIn(c.stranger().account)
		c.endSession(s)
		c.expectEnded(s)
		c.endSession(s) // RFC 7009, section 2.2
	}),
	validCase("Logout/unknown-refresh-token", func(c *caseRun) {
		c.send("POST", "/logout", withForm("refresh_token", c.runID)).expectStatus(204)
	}),
	invalidCase("Logout/empty-refresh-token", func(c *caseRun) {
		c.send("POST", "/logout", withForm("refresh_token", "")).expectNotAuthenticated() // as if left out (RFC 6749, section 3.1)
	}),
}

func (c *caseRun) refresh(s *session) *answer {
	return c.send("POST", "/token", withForm("grant_type", "refresh_token", "refresh_token", s.RefreshToken))
}
