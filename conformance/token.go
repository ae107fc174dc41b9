package conformance

import "net/http"

var tokenCases = []testCase{
	validCase("CreateToken/password", func(c *caseRun) {
		p := c.stranger().account
		a := c.send("POST", "/token", withForm("grant_type", "password", "username", p.Email, "password", p.password))
		s := c.newSession(p, a)
		a.expectHeader("Cache-Control", "no-store")
		c.send("GET", "/users/me", withToken(s)).expectStatus(http.StatusOK)
	}),
	validCase("CreateToken/refresh", refreshes),
	invalidCase("CreateToken/reuse", reuseEndsSession),
	invalidCase("CreateToken/errors", oauthErrors),
	invalidCase("CreateToken/wrong-password", func(c *caseRun) {
		a := c.send("POST", "/token", withForm("grant_type", "password", "username", c.stranger().account.Email, "password", "conformance-wrong"))
		a.expectOAuthError("invalid_grant").expectDetail("Invalid Credentials").expectNotRepeated("conformance-wrong")
	}),
	validCase("Logout/by-access-token", func(c *caseRun) {
		s := c.logIn(c.stranger().account)
		c.send("POST", "/logout", withToken(s)).expectStatus(http.StatusNoContent)
		s.ended = true
		c.expectRevoked(s)
		c.refresh(s).expectOAuthError("invalid_grant")
		c.send("POST", "/logout", withToken(s)).expectInvalidToken()
	}),
	validCase("Logout/empty-chunked", func(c *caseRun) {
		s := c.logIn(c.stranger().account)
		c.send("POST", "/logout", withToken(s), func(r *request) { r.chunked = true }).expectStatus(http.StatusNoContent)
		s.ended = true
		c.expectRevoked(s)
	}).at(Hardening),
	validCase("Logout/by-refresh-token", func(c *caseRun) {
		s := c.logIn(c.stranger().account)
		c.endSession(s)
		c.expectRevoked(s)
		c.refresh(s).expectOAuthError("invalid_grant")
		c.endSession(s) // RFC 7009, section 2.2
	}),
	validCase("Logout/unknown-refresh-token", func(c *caseRun) {
		c.send("POST", "/logout", withForm("refresh_token", c.runID)).expectStatus(http.StatusNoContent)
	}),
	invalidCase("Logout/empty-refresh-token", func(c *caseRun) {
		c.send("POST", "/logout", withForm("refresh_token", "")).expectNotAuthenticated() // as if left out (RFC 6749, section 3.1)
	}),
}

// expectOAuthError ends the case unless the answer is an error by RFC 6749, section 5.2, with this code.
func (a *answer) expectOAuthError(code string) *answer {
	a.expectStatus(http.StatusBadRequest)
	p := a.decodeProblem()
	a.run.expect(p.Error == code, "the error "+code, a)
	a.run.expectEqual("error_description", p.Detail, p.ErrorDescription)
	return a
}

func (c *caseRun) refresh(s *session) *answer {
	return c.send("POST", "/token", withForm("grant_type", "refresh_token", "refresh_token", s.RefreshToken))
}

// refreshes refreshes a session and repeats the request, as a client does that lost the answer.
func refreshes(c *caseRun) {
	first := c.logIn(c.stranger().account)
	next := c.newSession(first.account, c.refresh(first))
	c.expect(next.RefreshToken != first.RefreshToken, "another refresh token", "the same")
	c.expect(next.AccessToken != first.AccessToken, "another access token", "the same")
	c.send("GET", "/users/me", withToken(next)).expectStatus(http.StatusOK)
	again := c.newSession(first.account, c.refresh(first))
	c.expect(again.RefreshToken == next.RefreshToken, "the same refresh token again within 30 s", "another")
	c.send("GET", "/users/me", withToken(again)).expectStatus(http.StatusOK)
}

// reuseEndsSession uses a refresh token from before the previous one. The server must assume that it was stolen.
func reuseEndsSession(c *caseRun) {
	first := c.logIn(c.stranger().account)
	second := c.newSession(first.account, c.refresh(first))
	third := c.newSession(first.account, c.refresh(second))
	c.refresh(first).expectOAuthError("invalid_grant")
	for _, s := range []*session{first, second, third} {
		s.ended = true
	}
	c.refresh(third).expectOAuthError("invalid_grant")
	c.expectRevoked(third)
}

func oauthErrors(c *caseRun) {
	s := c.stranger()
	send := func(pairs ...string) *answer { return c.send("POST", "/token", withForm(pairs...)) }
	send().expectOAuthError("invalid_request")
	send("grant_type", "client_credentials").expectOAuthError("unsupported_grant_type")
	send("grant_type", "password").expectOAuthError("invalid_request")
	send("grant_type", "refresh_token").expectOAuthError("invalid_request")
	send("grant_type", "password", "grant_type", "password", "username", "x", "password", "x").expectOAuthError("invalid_request")
	send("grant_type", "refresh_token", "refresh_token", "").expectOAuthError("invalid_request")
	send("grant_type", "refresh_token", "refresh_token", c.runID).expectOAuthError("invalid_grant").expectNotRepeated(c.runID)
	send("grant_type", "refresh_token", "refresh_token", s.AccessToken).expectOAuthError("invalid_grant")
	send("grant_type", "refresh_token", "refresh_token", tampered(s.RefreshToken)).expectOAuthError("invalid_grant")
	c.send("GET", "/users/me", withHeader("Authorization", "Bearer "+s.RefreshToken)).expectInvalidToken()
}
