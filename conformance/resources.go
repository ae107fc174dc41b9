package conformance

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// account is an account on the server.
type account struct {
	ID       int64   `json:"id"`
	Email    string  `json:"email"`
	Name     *string `json:"name"`
	password string
	created  bool // created by this run, which also deletes it
	deleted  bool
	current  *session
}

func (p *account) path() string { return fmt.Sprintf("/users/%d", p.ID) }

// session is a session with its tokens.
type session struct {
	AccessToken  string `json:"access_token"`
	TokenType    string `json:"token_type"`
	ExpiresIn    int    `json:"expires_in"`
	RefreshToken string `json:"refresh_token"`

	account *account
	ended   bool
}

// resources holds what a run has created and must remove.
type resources struct {
	author   *account   // writes the posts: the account in the options, or a created one
	stranger *account   // always a created account; cases that change accounts use it
	accounts []*account // all created accounts, including those created by mistake

	// The sessions and posts of the account in the options. Those of a created account are deleted with it.
	sessions []*session
	posts    []string // their paths
}

// emailDomain is a reserved domain (RFC 2606, section 3): mail to it reaches nobody.
const emailDomain = "example.com"

func randomText() string { return strings.ToLower(rand.Text()[:16]) }

// author returns a session of the account that writes posts.
func (c *caseRun) author() *session {
	if c.resources.author == nil && c.Email != "" {
		c.addSecret(c.Password, "$PASSWORD")
		c.resources.author = &account{Email: c.Email, password: c.Password}
	} else if c.resources.author == nil {
		c.resources.author = c.signUp()
	}
	return c.sessionOf(c.resources.author)
}

// stranger returns a session of an account other than the author.
func (c *caseRun) stranger() *session {
	if c.resources.stranger == nil || c.resources.stranger.deleted {
		c.resources.stranger = c.signUp()
	}
	return c.sessionOf(c.resources.stranger)
}

// sessionOf returns a session of the account that has not ended. It logs in if there is none.
func (c *caseRun) sessionOf(p *account) *session {
	if p.current == nil || p.current.ended {
		p.current = c.logIn(p)
	}
	if p.ID == 0 {
		p.ID = decode[account](c.get("/users/me", as(p.current))).ID
	}
	return p.current
}

// newEmail returns an unused address.
func (c *caseRun) newEmail() string { return "conformance-" + randomText() + "@" + emailDomain }

// newPassword returns a strong random password.
func (c *caseRun) newPassword() string {
	password := "Pw-" + rand.Text()
	c.addSecret(password, "$PASSWORD")
	return password
}

// signUp creates an account.
func (c *caseRun) signUp() (made *account) {
	email, password := c.newEmail(), c.newPassword()
	c.prepare("CreateUser/lesson", func() {
		c.send("POST", "/users", object{"email": email, "password": password}.json()).expectSuccess()
		at := slices.IndexFunc(c.resources.accounts, func(p *account) bool { return p.Email == email && p.ID > 0 })
		c.expect(at >= 0, "the new account with its id", c.last)
		made = c.resources.accounts[at]
	})
	return made
}

// logIn creates a session.
func (c *caseRun) logIn(p *account) (s *session) {
	c.prepare("Login/lesson", func() {
		s = c.newSession(p, c.sendLogin(p.Email, p.password))
		c.expect(s.AccessToken != "", "an access_token", c.last)
	})
	return s
}

// newSession returns the session in an answer with tokens.
func (c *caseRun) newSession(p *account, a *answer) *session {
	s := decode[session](a.expectStatus(200))
	s.account = p
	if !p.created {
		c.resources.sessions = append(c.resources.sessions, &s)
	}
	return &s
}

// recordCreated records the resources that an answer shows were created, even if the case expected an error.
func (r *runner) recordCreated(sent request, a *answer) {
	var tokens session
	if json.Unmarshal(a.body, &tokens) == nil {
		r.addSecret(tokens.AccessToken, "$TOKEN")
		r.addSecret(tokens.RefreshToken, "$REFRESH_TOKEN")
	}
	switch {
	case sent.method == "POST" && sent.path == "/posts" && a.status/100 == 2 && sent.session != nil && !sent.session.account.created:
		var made post
		if json.Unmarshal(a.body, &made) == nil && made.ID > 0 {
			r.resources.posts = append(r.resources.posts, made.path())
		}
	case sent.method == "POST" && strings.HasPrefix(sent.path, "/users") && a.status/100 == 2:
		var registration struct{ Email, Password string }
		p := &account{created: true}
		if json.NewDecoder(strings.NewReader(sent.body)).Decode(&registration) == nil && json.Unmarshal(a.body, p) == nil {
			p.Email, p.password = registration.Email, registration.Password
			r.resources.accounts = append(r.resources.accounts, p)
		}
	}
}

func (r *runner) hasResources() bool {
	return len(r.resources.accounts) > 0 || len(r.resources.sessions) > 0 || len(r.resources.posts) > 0
}

// cleanup removes everything that the run created. It fails if something remains.
var cleanup = validCase("Any/cleans-up", func(c *caseRun) {
	var left []string
	failed := false
	remove := func(what string, action func(*caseRun)) {
		result := c.runner.run(c.ctx, testCase{name: c.name, run: action})
		failed = failed || result.Failed()
		if result.Failed() || result.Skipped != "" {
			left = append(left, what)
		}
	}
	for _, path := range c.resources.posts {
		remove(path, func(c *caseRun) { c.deletePost(path) })
	}
	for _, s := range slices.Backward(c.resources.sessions) {
		if !s.ended {
			remove("a session of "+s.account.Email, func(c *caseRun) { c.endSession(s) })
		}
	}
	for _, p := range c.resources.accounts {
		if !p.deleted {
			remove("the account "+p.Email, func(c *caseRun) {
				c.send("DELETE", "/users/me", as(c.logIn(p))).expectStatus(204) // only a recent session may delete an account
				p.deleted = true
			})
		}
	}
	if len(left) > 0 && (!failed || c.Level < Behaviour) {
		c.skip("the server has no way to remove it; left behind: " + strings.Join(left, ", "))
	}
	c.expect(len(left) == 0, "to remove everything", "left behind: "+strings.Join(left, ", "))
})

// deletePost deletes a post of the author, which a case may have deleted already.
func (c *caseRun) deletePost(path string) {
	a := c.send("DELETE", path, as(c.author()))
	c.expect(a.status == 204 || a.status == 404, "204 or 404", a)
}

func (c *caseRun) endSession(s *session) {
	c.send("POST", "/logout", withForm("refresh_token", s.RefreshToken)).expectStatus(204)
	s.ended = true
}
