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

// update records the effect of a successful request.
func (m *model) update(r *request, answer *httptest.ResponseRecorder) {
	if answer.Code >= 300 {
		return
	}
	var body map[string]any
	_ = json.Unmarshal(answer.Body.Bytes(), &body) // a list leaves it nil
	switch id := r.path["id"]; r.op.OperationID {
	case "CreateUser":
		m.accounts = append(m.accounts, &account{fmt.Sprint(body["id"]), fmt.Sprint(r.members["email"]), fmt.Sprint(r.members["password"])})
	case "Login", "CreateToken":
		m.updateTokens(r, body)
	case "Logout":
		m.endSessions(func(s *session) bool {
			return s == r.session || r.session == nil && s.refresh == r.members["refresh_token"]
		})
	case "ListSessions":
		r.session.updateOthers(answer.Body.Bytes())
	case "EndSession":
		m.markUncertain(r.session)
	case "EndOtherSessions", "ChangePassword":
		m.endSessions(func(s *session) bool { return s != r.session && s.account == r.session.account })
		if r.op.OperationID == "ChangePassword" {
			r.session.account.password = fmt.Sprint(r.members["new_password"])
		}
	case "DeleteCurrentUser":
		m.removeAccount(r.session.account)
	case "CreatePost", "UpdatePost", "PatchPost", "GetPost":
		m.updatePost(r, body, answer.Header())
	case "DeletePost":
		if p := m.posts[id]; p != nil {
			p.deleted = true
		}
	case "ListPosts", "ListOwnPosts":
		m.updateLinks(r, answer.Header())
	}
}

func (m *model) updateTokens(r *request, body map[string]any) {
	access, refresh := fmt.Sprint(body["access_token"]), fmt.Sprint(body["refresh_token"])
	if r.members["grant_type"] == "refresh_token" {
		i := slices.IndexFunc(m.sessions, func(s *session) bool { return s.refresh == r.members["refresh_token"] })
		if i >= 0 {
			m.sessions[i].access, m.sessions[i].refresh = access, refresh
		}
		return
	}
	i := slices.IndexFunc(m.accounts, func(a *account) bool { return a.email == r.members["username"] })
	if i >= 0 {
		m.sessions = append(m.sessions, &session{account: m.accounts[i], access: access, refresh: refresh})
	}
}

func (m *model) endSessions(matches func(*session) bool) {
	for _, s := range m.sessions {
		if matches(s) {
			s.state = ended
		}
	}
}

// markUncertain makes the state of the account's other active sessions uncertain.
func (m *model) markUncertain(asker *session) {
	for _, s := range m.sessions {
		if s.account == asker.account && s != asker && s.state == active {
			s.state = uncertain
		}
	}
}

func (s *session) updateOthers(list []byte) {
	var sessions []struct {
		ID      string
		Current bool
	}
	_ = json.Unmarshal(list, &sessions) // checkAnswer has reported anything but a list
	s.others = nil
	for _, other := range sessions {
		if !other.Current {
			s.others = append(s.others, other.ID)
		}
	}
}

func (m *model) removeAccount(a *account) {
	m.endSessions(func(s *session) bool { return s.account == a })
	m.accounts = slices.DeleteFunc(m.accounts, func(other *account) bool { return other == a })
	for _, p := range m.posts {
		p.deleted = p.deleted || p.owner == a
	}
}

func (m *model) updatePost(r *request, body map[string]any, header http.Header) {
	id, isID := body["id"].(float64)
	if !isID || r.op.method == http.MethodHead || header.Get("Idempotency-Replayed") != "" {
		return
	}
	key := strconv.FormatInt(int64(id), 10)
	if m.posts == nil {
		m.posts = map[string]*post{}
	}
	if r.op.OperationID == "CreatePost" {
		m.posts[key] = &post{owner: r.session.account}
		m.ids = append(m.ids, key)
	}
	if p := m.posts[key]; p != nil {
		p.title, p.content, p.published = fmt.Sprint(body["title"]), fmt.Sprint(body["content"]), body["published"] == true
	}
	m.tags = append(m.tags, header.Get("ETag"))
}

var linkTarget = regexp.MustCompile(`<[^?>]*\?([^>]*)>`)

func (m *model) updateLinks(r *request, header http.Header) {
	if m.links == nil {
		m.links = map[string][]link{}
	}
	for _, found := range linkTarget.FindAllStringSubmatch(header.Get("Link"), -1) {
		if query, err := url.ParseQuery(found[1]); err == nil {
			l := link{query: query}
			if r.op.OperationID == "ListOwnPosts" {
				l.session = r.session
			}
			m.links[r.op.path] = append(m.links[r.op.path], l)
		}
	}
}
