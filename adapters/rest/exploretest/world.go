package exploretest

import (
	"net/url"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
)

// world is what the answers so far have taught.
type world struct {
	accounts []*account
	sessions []*session
	posts    map[string]*post // by id
	ids      []string         // of posts
	tags     []string
	links    map[string][]link // by path
}

type account struct{ id, email, password string }

// session is a log-in. What its state is may become unknown: then it is used, and nothing is expected.
type session struct {
	of              *account
	access, refresh string
	state           state
	others          []string // identifiers of the account's other sessions
}

type state int

const (
	live state = iota
	dead
	unknown
)

type post struct {
	owner     *account
	title     string
	content   string
	published bool
	gone      bool
}

type link struct {
	query   url.Values
	session *session
}

// session draws one, if there is one: of eight, seven that have not ended.
func (w *world) session(e *explorer) *session {
	wantDead := e.IntN(8) == 0
	var wanted []*session
	for _, s := range w.sessions {
		if (s.state == dead) == wantDead {
			wanted = append(wanted, s)
		}
	}
	if len(wanted) == 0 {
		return nil
	}
	return pick(e, wanted)
}

// identifier draws one that is there, was there, or never was.
func (w *world) identifier(e *explorer, s *openapi3.Schema, who *session) string {
	if s.Type.Is(openapi3.TypeString) {
		if who != nil && len(who.others) > 0 {
			return pick(e, who.others)
		}
		return e.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 26)
	}
	if len(w.ids) > 0 && e.IntN(6) > 0 {
		return w.ids[max(0, len(w.ids)-1-e.IntN(12))]
	}
	return pick(e, []string{"1", "2", "9007199254740991", "424242"})
}

func (w *world) entityTags(e *explorer) string {
	if len(w.tags) > 0 && e.IntN(2) == 0 {
		return w.tags[max(0, len(w.tags)-1-e.IntN(8))]
	}
	return pick(e, []string{"*", `"1-x"`, `W/"1-x"`, `""`, `"a", "b"`, `"a","b" , W/"c"`, `"1-x",`})
}

// makeSense fills in what no schema says: who logs in, and what goes with what.
func (w *world) makeSense(e *explorer, op *operation, members map[string]any, who *session) {
	var known *account
	if len(w.accounts) > 0 && e.IntN(8) > 0 {
		known = pick(e, w.accounts)
	}
	switch op.OperationID {
	case "CreateUser":
		if known != nil && e.IntN(10) == 0 {
			members["email"] = known.email
		}
	case "CreateToken":
		if members["grant_type"] == "refresh_token" {
			members["refresh_token"] = "x"
			if s := w.session(e); s != nil {
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
		delete(members, "refresh_token") // with tokens of both kinds, it ends one of two sessions
		if s := w.session(e); s != nil && who == nil {
			members["refresh_token"] = s.refresh
		}
	case "ChangePassword":
		if who != nil && e.IntN(2) == 0 {
			members["current_password"] = who.of.password
		}
	}
}

// owner returns a live session of the one who wrote the post.
func (w *world) owner(id string) *session {
	p := w.posts[id]
	i := slices.IndexFunc(w.sessions, func(s *session) bool { return p != nil && s.of == p.owner && s.state == live })
	if i < 0 {
		return nil
	}
	return w.sessions[i]
}
