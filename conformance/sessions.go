package conformance

import (
	"fmt"
	"net/http"
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
		c.send("DELETE", "/sessions/"+id, withToken(s)).expectStatus(http.StatusNoContent)
		other.ended = true
		c.expectRevoked(other)
		c.refresh(other).expectOAuthError("invalid_grant")
		c.send("GET", "/users/me", withToken(s)).expectStatus(http.StatusOK)
		for _, listed := range c.sessions(s) {
			c.expect(listed.ID != id, "a list without the ended session", "one with it")
		}
	}),
	invalidCase("EndSession/of-another", func(c *caseRun) {
		author := c.author()
		c.send("DELETE", "/sessions/"+c.current(author), withToken(c.stranger())).expectProblem(http.StatusNotFound, "session_not_found")
		c.send("GET", "/users/me", withToken(author)).expectStatus(http.StatusOK)
	}),
	invalidCase("EndSession/unknown", func(c *caseRun) {
		c.send("DELETE", "/sessions/"+unusedSessionID, withToken(c.stranger())).expectProblem(http.StatusNotFound, "session_not_found")
		c.send("DELETE", "/sessions/conformance", withToken(c.stranger())).expectStatus(http.StatusUnprocessableEntity)
	}),
	validCase("EndOtherSessions/ends", func(c *caseRun) {
		s, other := c.stranger(), c.logIn(c.stranger().account)
		c.send("DELETE", "/sessions", withToken(s)).expectStatus(http.StatusNoContent)
		other.ended = true
		c.expectRevoked(other)
		c.expectEqual("number of remaining sessions", 1, len(c.sessions(s)))
	}),
}

type listedSession struct {
	ID      string `json:"id"`
	Current bool   `json:"current"`
}

func (c *caseRun) sessions(s *session) (list []listedSession) {
	c.send("GET", "/sessions", withToken(s)).expectStatus(http.StatusOK).decode(&list)
	return list
}

// current returns the identifier of the session itself.
func (c *caseRun) current(s *session) (id string) {
	count := 0
	for _, listed := range c.sessions(s) {
		if listed.Current {
			count, id = count+1, listed.ID
		}
	}
	c.expectEqual("number of current sessions", 1, count)
	return id
}

// revocationDelay limits how long the end of a session may take to reach all instances: 1 s, and 1 s for the network.
const revocationDelay = 2 * time.Second

// expectRevoked ends the case unless the access token of the session is rejected within revocationDelay.
func (c *caseRun) expectRevoked(s *session) {
	s.ended = true
	for deadline := time.Now().Add(revocationDelay); ; {
		a := c.send("GET", "/users/me", withToken(s))
		if a.status == http.StatusUnauthorized || time.Now().After(deadline) {
			a.expectInvalidToken()
			return
		}
		select {
		case <-c.ctx.Done():
		case <-time.After(revocationDelay / 20):
		}
	}
}
