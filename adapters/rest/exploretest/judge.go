package exploretest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
)

// judge tells what is wrong with an answer.
func (e *explorer) judge(r *request, sent *http.Request, answer *httptest.ResponseRecorder) []string {
	var found []string
	if err := e.checker.Check(sent, answer.Result(), answer.Body.Bytes()); err != nil {
		found = append(found, fmt.Sprintf("breach of the contract: %d: %v", answer.Code, err))
	}
	var body map[string]any
	_ = json.Unmarshal(answer.Body.Bytes(), &body) // a list has no members to judge
	code, _ := body["code"].(string)
	required, _ := r.op.secured()
	switch {
	case answer.Code >= 500:
		found = append(found, fmt.Sprintf("server fault: %d %s", answer.Code, code))
	case r.wrong != "" && answer.Code < 400:
		found = append(found, "accepted invalid input: "+r.wrong)
	case r.wrong != "" && !slices.Contains(refusals, answer.Code):
		found = append(found, fmt.Sprintf("invalid input (%s) was found out too late: %d %s", r.wrong, answer.Code, code))
	case r.wrong == "" && slices.Contains(faults, code):
		found = append(found, fmt.Sprintf("refused valid input: %d %s %v", answer.Code, code, body["errors"]))
	}
	if required {
		found = append(found, judgeSession(r.session, answer.Code)...)
	}
	if r.wrong == "" && (r.session == nil || r.session.state == live) {
		found = append(found, e.judgePost(r, answer.Code, body)...)
	}
	return found
}

// refusals are the statuses of what breaks the contract, faults the codes. Who must log in first is told that first, and a path
// that cannot be is not there.
var (
	refusals = []int{400, 401, 404, 413, 415, 422, 429}
	faults   = []string{"malformed_request", "malformed_body", "content_too_large", "unsupported_media_type", "validation", "not_found", "method_not_allowed"}
)

func judgeSession(s *session, status int) []string {
	switch {
	case s == nil && status != http.StatusUnauthorized:
		return []string{fmt.Sprintf("nobody was let in: %d", status)}
	case s != nil && s.state == dead && status != http.StatusUnauthorized:
		return []string{fmt.Sprintf("an ended session was let in: %d", status)}
	case s != nil && s.state == live && status == http.StatusUnauthorized:
		return []string{"a live session was refused"}
	}
	return nil
}

// judgePost holds an answer about a post against what is known of it.
func (e *explorer) judgePost(r *request, status int, body map[string]any) []string {
	if r.op.OperationID == "CreatePost" && status == http.StatusCreated {
		return echoes(r.members, body)
	}
	known := e.world.posts[r.path["id"]]
	if known == nil || len(r.op.Tags) == 0 || r.op.Tags[0] != "Posts" {
		return nil
	}
	own := r.session != nil && r.session.of == known.owner
	there := !known.gone && (known.published || own)
	var found []string
	switch {
	case there && status == http.StatusNotFound:
		found = append(found, "a post that is there was not found")
	case !there && status < 400:
		found = append(found, "a post was shown or changed that is gone, or a draft of somebody else")
	case r.op.method == http.MethodGet && status == http.StatusOK && (body["title"] != known.title || body["content"] != known.content):
		found = append(found, "a post has changed by itself")
	case (r.op.OperationID == "UpdatePost" || r.op.OperationID == "PatchPost" || r.op.OperationID == "DeletePost") && !own && status < 400:
		found = append(found, "a stranger changed a post")
	}
	if status == http.StatusOK && r.members != nil {
		found = append(found, echoes(r.members, body)...)
	}
	return found
}

// ignored holds the members of a post that clients may send back but do not set.
var ignored = map[string]bool{
	"id": true, "etag": true, "owner_id": true, "owner": true, "votes": true, "voted": true, "version": true,
	"created_at": true, "updated_at": true, "published_at": true,
}

// echoes returns what is wrong with the members that should come back as they were sent.
func echoes(sent, got map[string]any) []string {
	var found []string
	for name, value := range sent {
		if ignored[name] {
			continue
		}
		if back, there := got[name]; !there || back != value {
			found = append(found, name+" did not come back as it was sent")
		}
	}
	slices.Sort(found)
	return found
}
