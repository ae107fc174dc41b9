package conformance

import (
	"fmt"
	"slices"
	"time"
)

var sessionCases = []testCase{
	validCase("ListSessions/lists", func(c *caseRun) {
		s := c.logIn(c.stranger().account)
		seen := map[string]bool{}
		for _, listed := range c.sessions(s) {
			seen[listed.ID] = true
		}
		c.expect(len(seen) >= 2, "this session and an earlier one", fmt.Sprint(len(seen), " sessions"))
		c.current(s)
	}),
	validCase("EndSession/ends", func(c *caseRun) {
		s, other := c.stranger(), c.logIn(c.stranger().account)
		id := c.current(other)
		c.send("DELETE", "/sessions/"+id, as(s)).expectStatus(204)
		c.expectEnded(other)
		c.get("/users/me", as(s))
		isEnded := func(listed listedSession) bool { return listed.ID == id }
		c.expect(!slices.ContainsFunc(c.sessions(s), isEnded), "a list without the ended session", "one with it")
	}),
	invalidCase("EndSession/of-another", func(c *caseRun) {
		author := c.author()
		c.send("DELETE", "/sessions/"+c.current(author), as(c.stranger())).expectProblem(404, "session_not_found")
		c.get("/users/me", as(author))
	}),
	invalidCase("EndSession/unknown", func(c *caseRun) {
		c.send("DELETE", "/sessions/"+unusedSessionID, as(c.stranger())).expectProblem(404, "session_not_found")
		c.send("DELETE", "/sessions/conformance", as(c.stranger())).expectStatus(422)
	}),
	validCase("EndOtherSessions/ends", func(c *caseRun) {
		s, other := c.stranger(), c.logIn(c.stranger().account)
		c.send("DELETE", "/sessions", as(s)).expectStatus(204)
		c.expectRevoked(other)
		c.expectEqual("number of remaining sessions", 1, len(c.sessions(s)))
	}),
}

type listedSession struct {
	ID      string `json:"id"`
	Current bool   `json:"current"`
}

func (c *caseRun) sessions(s *session) []listedSession {
	return decode[[]listedSession](c.get("/sessions", as(s)))
}

// current returns the identifier of the session itself.
func (c *caseRun) current(s *session) string {
	others := func(listed listedSession) bool { return !listed.Current }
	current := slices.DeleteFunc(c.sessions(s), others)
	c.expectEqual("number of current sessions", 1, len(current))
	return current[0].ID
}

// revocationDelay limits how long the end of a session may take to reach all instances: 1 s, and 1 s for the network.
const revocationDelay = 2 * time.Second

// expectRevoked ends the case unless the access token of the session is rejected within revocationDelay.
func (c *caseRun) expectRevoked(s *session) {
	s.ended = true
	for deadline := time.Now().Add(revocationDelay); ; {
		a := c.send("GET", "/users/me", as(s))
		if a.status == 401 || time.Now().After(deadline) {
			a.expectInvalidToken()
			return
		}
		c.sleep(revocationDelay / 20)
	}
}

// expectEnded ends the case unless both tokens of the session are rejected.
func (c *caseRun) expectEnded(s *session) {
	c.expectRevoked(s)
	c.refresh(s).expectOAuthError("invalid_grant")
}
