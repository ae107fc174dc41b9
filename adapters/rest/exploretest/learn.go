package exploretest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strconv"
)

// learn remembers what a successful answer says.
func (w *world) learn(r *request, answer *httptest.ResponseRecorder) {
	if answer.Code >= 300 {
		return
	}
	var body map[string]any
	_ = json.Unmarshal(answer.Body.Bytes(), &body) // a list has nothing to learn from
	switch id := r.path["id"]; r.op.OperationID {
	case "CreateUser":
		w.accounts = append(w.accounts, &account{fmt.Sprint(body["id"]), fmt.Sprint(r.members["email"]), fmt.Sprint(r.members["password"])})
	case "Login", "CreateToken":
		w.loggedIn(r, body)
	case "Logout":
		w.end(func(s *session) bool {
			return s == r.session || r.session == nil && s.refresh == r.members["refresh_token"]
		})
	case "ListSessions":
		r.session.learnOthers(answer.Body.Bytes())
	case "EndSession":
		w.doubt(r.session)
	case "EndOtherSessions", "ChangePassword":
		w.end(func(s *session) bool { return s != r.session && s.of == r.session.of })
		if r.op.OperationID == "ChangePassword" {
			r.session.of.password = fmt.Sprint(r.members["new_password"])
		}
	case "DeleteCurrentUser":
		w.forget(r.session.of)
	case "CreatePost", "UpdatePost", "PatchPost", "GetPost":
		w.learnPost(r, body, answer.Header())
	case "DeletePost":
		if p := w.posts[id]; p != nil {
			p.gone = true
		}
	case "ListPosts", "ListOwnPosts":
		w.learnLinks(r, answer.Header())
	}
}

func (w *world) loggedIn(r *request, body map[string]any) {
	access, refresh := fmt.Sprint(body["access_token"]), fmt.Sprint(body["refresh_token"])
	if r.members["grant_type"] == "refresh_token" {
		i := slices.IndexFunc(w.sessions, func(s *session) bool { return s.refresh == r.members["refresh_token"] })
		if i >= 0 {
			w.sessions[i].access, w.sessions[i].refresh = access, refresh
		}
		return
	}
	i := slices.IndexFunc(w.accounts, func(a *account) bool { return a.email == r.members["username"] })
	if i >= 0 {
		w.sessions = append(w.sessions, &session{of: w.accounts[i], access: access, refresh: refresh})
	}
}

func (w *world) end(ended func(*session) bool) {
	for _, s := range w.sessions {
		if ended(s) {
			s.state = dead
		}
	}
}

// doubt makes unknown which of an account's sessions, but for the one that asked, are live.
func (w *world) doubt(asker *session) {
	for _, s := range w.sessions {
		if s.of == asker.of && s != asker && s.state == live {
			s.state = unknown
		}
	}
}

func (s *session) learnOthers(list []byte) {
	var sessions []struct {
		ID      string
		Current bool
	}
	_ = json.Unmarshal(list, &sessions) // what is no list is a breach already
	s.others = nil
	for _, other := range sessions {
		if !other.Current {
			s.others = append(s.others, other.ID)
		}
	}
}

func (w *world) forget(a *account) {
	w.end(func(s *session) bool { return s.of == a })
	w.accounts = slices.DeleteFunc(w.accounts, func(other *account) bool { return other == a })
	for _, p := range w.posts {
		p.gone = p.gone || p.owner == a
	}
}

func (w *world) learnPost(r *request, body map[string]any, header http.Header) {
	id, isID := body["id"].(float64)
	if !isID || r.op.method == http.MethodHead || header.Get("Idempotency-Replayed") != "" {
		return
	}
	key := strconv.FormatInt(int64(id), 10)
	if w.posts == nil {
		w.posts = map[string]*post{}
	}
	if r.op.OperationID == "CreatePost" {
		w.posts[key] = &post{owner: r.session.of}
		w.ids = append(w.ids, key)
	}
	if p := w.posts[key]; p != nil {
		p.title, p.content, p.published = fmt.Sprint(body["title"]), fmt.Sprint(body["content"]), body["published"] == true
	}
	w.tags = append(w.tags, header.Get("ETag"))
}

var target = regexp.MustCompile(`<[^?>]*\?([^>]*)>`)

func (w *world) learnLinks(r *request, header http.Header) {
	if w.links == nil {
		w.links = map[string][]link{}
	}
	for _, found := range target.FindAllStringSubmatch(header.Get("Link"), -1) {
		if query, err := url.ParseQuery(found[1]); err == nil {
			l := link{query: query}
			if r.op.OperationID == "ListOwnPosts" {
				l.session = r.session
			}
			w.links[r.op.path] = append(w.links[r.op.path], l)
		}
	}
}
