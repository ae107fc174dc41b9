package conformance

import (
	"fmt"
	"net/http"
	"time"
)

var sessionCases = []testCase{
	good("ListSessions/lists", func(c *check) {
		s := c.logIn(c.stranger().person)
		seen := map[string]bool{}
		for _, listed := range c.sessions(s) {
			seen[listed.ID] = true
		}
		c.expect(len(seen) >= 2, "this session and the one before", fmt.Sprint(len(seen), " sessions"))
		c.current(s)
	}),
	good("EndSession/ends", func(c *check) {
		s, other := c.stranger(), c.logIn(c.stranger().person)
		id := c.current(other)
		c.send("DELETE", "/sessions/"+id, by(s)).is(http.StatusNoContent)
		other.ended = true
		c.refusedSoon(other)
		c.refresh(other).oauth("invalid_grant")
		c.send("GET", "/users/me", by(s)).is(http.StatusOK)
		for _, listed := range c.sessions(s) {
			c.expect(listed.ID != id, "a list without the ended session", "one with it")
		}
	}),
	bad("EndSession/of-another", func(c *check) {
		author := c.author()
		c.send("DELETE", "/sessions/"+c.current(author), by(c.stranger())).problem(http.StatusNotFound, "session_not_found")
		c.send("GET", "/users/me", by(author)).is(http.StatusOK)
	}),
	bad("EndSession/unknown", func(c *check) {
		c.send("DELETE", "/sessions/"+nobodysSession, by(c.stranger())).problem(http.StatusNotFound, "session_not_found")
		c.send("DELETE", "/sessions/conformance", by(c.stranger())).is(http.StatusUnprocessableEntity)
	}),
	good("EndOtherSessions/ends", func(c *check) {
		s, other := c.stranger(), c.logIn(c.stranger().person)
		c.send("DELETE", "/sessions", by(s)).is(http.StatusNoContent)
		other.ended = true
		c.refusedSoon(other)
		c.equal("sessions that are left", 1, len(c.sessions(s)))
	}),
}

type listedSession struct {
	ID      string `json:"id"`
	Current bool   `json:"current"`
}

func (c *check) sessions(s *session) (list []listedSession) {
	c.send("GET", "/sessions", by(s)).is(http.StatusOK).decode(&list)
	return list
}

// current returns the identifier of the session that asks.
func (c *check) current(s *session) (id string) {
	count := 0
	for _, listed := range c.sessions(s) {
		if listed.Current {
			count, id = count+1, listed.ID
		}
	}
	c.equal("sessions that are the current one", 1, count)
	return id
}

// spreads is how long the end of a session may take to be known at all instances: 1 s, and as much for the way.
const spreads = 2 * time.Second

// refusedSoon ends the case unless the session's access token is refused before long: instances learn of it from each other.
func (c *check) refusedSoon(s *session) {
	s.ended = true
	for deadline := time.Now().Add(spreads); ; {
		a := c.send("GET", "/users/me", by(s))
		if a.status == http.StatusUnauthorized || time.Now().After(deadline) {
			a.challenges(true)
			return
		}
		select {
		case <-c.ctx.Done():
		case <-time.After(spreads / 20):
		}
	}
}
