package exploretest

import (
	"net/url"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
)

// model is the expected state of the service, as far as it is known from the answers.
type model struct {
	accounts []*account
	sessions []*session
	posts    map[string]*post // by id
	ids      []string         // of posts
	tags     []string
	links    map[string][]link // by path
}

type account struct{ id, email, password string }

// session is a session with its tokens. If its state is uncertain, requests may use it, and any answer is accepted.
type session struct {
	account         *account
	access, refresh string
	state           sessionState
	others          []string // identifiers of the account's other sessions
}

type sessionState int

const (
	active sessionState = iota
	ended
	uncertain
)

type post struct {
	owner     *account
	title     string
	content   string
	published bool
	deleted   bool
}

type link struct {
	query   url.Values
	session *session
}

// drawSession returns a random session, or nil if there is none. One in eight sessions has ended.
func (m *model) drawSession(e *explorer) *session {
	wantEnded := e.IntN(8) == 0
	var wanted []*session
	for _, s := range m.sessions {
		if (s.state == ended) == wantEnded {
			wanted = append(wanted, s)
		}
	}
	if len(wanted) == 0 {
		return nil
	}
	return choose(e, wanted)
}

// drawIdentifier returns an identifier that exists, was deleted or never existed.
func (m *model) drawIdentifier(e *explorer, s *openapi3.Schema, session *session) string {
	if s.Type.Is(openapi3.TypeString) {
		if session != nil && len(session.others) > 0 {
			return choose(e, session.others)
		}
		return e.drawText("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 26)
	}
	if len(m.ids) > 0 && e.IntN(6) > 0 {
		return m.ids[max(0, len(m.ids)-1-e.IntN(12))]
	}
	return choose(e, []string{"1", "2", "9007199254740991", "424242"})
}

func (m *model) drawEntityTags(e *explorer) string {
	if len(m.tags) > 0 && e.IntN(2) == 0 {
		return m.tags[max(0, len(m.tags)-1-e.IntN(8))]
	}
	return choose(e, []string{"*", `"1-x"`, `W/"1-x"`, `""`, `"a", "b"`, `"a","b" , W/"c"`, `"1-x",`})
}

// fillRelated sets members that depend on earlier requests, such as credentials and tokens.
func (m *model) fillRelated(e *explorer, op *operation, members map[string]any, session *session) {
	var known *account
	if len(m.accounts) > 0 && e.IntN(8) > 0 {
		known = choose(e, m.accounts)
	}
	switch op.OperationID {
	case "CreateUser", "RequestPasswordReset":
		if known != nil && e.IntN(10) == 0 {
			members["email"] = known.email
		}
	case "CreateToken":
		if members["grant_type"] == "refresh_token" {
			members["refresh_token"] = "x"
			if s := m.drawSession(e); s != nil {
				members["refresh_token"] = s.refresh
			}
			return
		}
		members["username"], members["password"] = "nobody@example.com", "wrong"
		fallthrough
	case "Login":
		if known != nil {
			members["username"], members["password"] = known.email, known.password
		}
	case "Logout":
		delete(members, "refresh_token") // a request with both kinds of tokens could end two sessions
		if s := m.drawSession(e); s != nil && session == nil {
			members["refresh_token"] = s.refresh
		}
	case "ChangePassword", "ChangeEmail":
		if session != nil && e.IntN(2) == 0 {
			members["current_password"] = session.account.password
		}
	}
}

// ownerSession returns an active session of the author of a post, or nil if there is none.
func (m *model) ownerSession(id string) *session {
	p := m.posts[id]
	i := slices.IndexFunc(m.sessions, func(s *session) bool { return p != nil && s.account == p.owner && s.state == active })
	if i < 0 {
		return nil
	}
	return m.sessions[i]
}
