package conformance

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// person is somebody with an account.
type person struct {
	ID       int64   `json:"id"`
	Email    string  `json:"email"`
	Name     *string `json:"name"`
	password string
	ours     bool // signed up by this run, and deleted by it
	deleted  bool
	main     *session
}

// session is a log-in.
type session struct {
	AccessToken  string `json:"access_token"`
	TokenType    string `json:"token_type"`
	ExpiresIn    int    `json:"expires_in"`
	RefreshToken string `json:"refresh_token"`

	person *person
	ended  bool
}

// people is what a run has made that must not stay.
type people struct {
	author   *person   // whom posts are written by: the account that was given, or one of ours
	stranger *person   // always one of ours, which is what whole accounts are tried with
	ours     []*person // all that were signed up, wanted or not
	sessions []*session
	posts    map[string]*person // by path
}

// domain is reserved (RFC 2606, section 3): no mail to it can reach anybody.
const domain = "example.com"

func randomText() string { return strings.ToLower(rand.Text()[:16]) }

// author returns a session of whom posts are written by.
func (c *check) author() *session {
	if c.people.author == nil {
		if c.Email != "" {
			c.keep(c.Password, "$PASSWORD")
			c.people.author = &person{Email: c.Email, password: c.Password}
		} else {
			c.people.author = c.signUp()
		}
	}
	return c.mainOf(c.people.author)
}

// stranger returns a session of somebody else.
func (c *check) stranger() *session {
	if c.people.stranger == nil || c.people.stranger.deleted {
		c.people.stranger = c.signUp()
	}
	return c.mainOf(c.people.stranger)
}

func (c *check) mainOf(p *person) *session {
	if p.main == nil || p.main.ended {
		p.main = c.logIn(p)
	}
	if p.ID == 0 {
		c.send("GET", "/users/me", by(p.main)).is(http.StatusOK).decode(p)
	}
	return p.main
}

// newEmail returns an address that nobody has.
func (c *check) newEmail() string { return "conformance-" + randomText() + "@" + domain }

// newPassword returns a password that no list holds.
func (c *check) newPassword() string {
	password := "Pw-" + rand.Text()
	c.keep(password, "$PASSWORD")
	return password
}

// signUp makes an account.
func (c *check) signUp() *person {
	email, password := c.newEmail(), c.newPassword()
	c.send("POST", "/users", object{"email": email, "password": password}.json()).is(http.StatusCreated)
	for _, p := range c.people.ours {
		if p.Email == email {
			return p
		}
	}
	c.fail("the account that was asked for", c.last.String())
	return nil
}

// logIn begins a session.
func (c *check) logIn(p *person) *session {
	return c.newSession(p, c.send("POST", "/login", form("username", p.Email, "password", p.password)))
}

// newSession returns what an answer with tokens grants.
func (c *check) newSession(p *person, a *answer) *session {
	a.is(http.StatusOK)
	s := &session{person: p}
	a.decode(s)
	c.people.sessions = append(c.people.sessions, s)
	return s
}

// noteMade remembers what an answer says that there is now, also if it should not be.
func (r *runner) noteMade(asked request, a *answer) {
	var tokens session
	if json.Unmarshal(a.body, &tokens) == nil {
		r.keep(tokens.AccessToken, "$TOKEN")
		r.keep(tokens.RefreshToken, "$REFRESH_TOKEN")
	}
	switch {
	case asked.method == "POST" && asked.path == "/posts" && a.status/100 == 2 && asked.actor != nil:
		var made post
		if json.Unmarshal(a.body, &made) == nil && made.ID > 0 {
			if r.people.posts == nil {
				r.people.posts = map[string]*person{}
			}
			r.people.posts[made.path()] = asked.actor.person
		}
	case asked.method == "POST" && strings.HasPrefix(asked.path, "/users") && a.status/100 == 2:
		var sent struct{ Email, Password string }
		p := &person{ours: true}
		if json.NewDecoder(strings.NewReader(asked.body)).Decode(&sent) == nil && json.Unmarshal(a.body, p) == nil {
			p.Email, p.password = sent.Email, sent.Password
			r.people.ours = append(r.people.ours, p)
		}
	}
}

func (r *runner) hasThings() bool {
	return len(r.people.ours) > 0 || len(r.people.sessions) > 0 || len(r.people.posts) > 0
}

// cleanup puts everything away, as far as it can, and fails if something stays.
var cleanup = good("Any/cleans-up", func(c *check) {
	var left []string
	for path, owner := range c.people.posts {
		if !owner.ours && !c.tries(func() { c.deletePost(path, owner) }) {
			left = append(left, path)
		}
	}
	for _, s := range slices.Backward(c.people.sessions) {
		if !s.person.ours && !s.ended && !c.tries(func() { c.endSession(s) }) {
			left = append(left, "a session of "+s.person.Email)
		}
	}
	for _, p := range c.people.ours {
		if !p.deleted && !c.tries(func() { c.deleteAccount(p) }) {
			left = append(left, "the account "+p.Email)
		}
	}
	c.expect(len(left) == 0, "that everything can be put away", "left behind: "+strings.Join(left, ", "))
})

// tries tells whether an action did not end the case.
func (c *check) tries(action func()) bool {
	return c.runner.run(c.ctx, testCase{run: func(*check) { action() }}).Failure == nil
}

func (c *check) deletePost(path string, owner *person) {
	a := c.send("DELETE", path, by(c.mainOf(owner)))
	c.expect(a.status == http.StatusNoContent || a.status == http.StatusNotFound, "204 or 404", a)
}

func (c *check) endSession(s *session) {
	c.send("POST", "/logout", form("refresh_token", s.RefreshToken)).is(http.StatusNoContent)
	s.ended = true
}

// deleteAccount removes an account of ours, with a session that is young enough to.
func (c *check) deleteAccount(p *person) {
	c.expect(p.ours, "an account of this run", fmt.Sprint(p.ID))
	c.send("DELETE", "/users/me", by(c.logIn(p))).is(http.StatusNoContent)
	p.deleted = true
}
