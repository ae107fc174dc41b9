package exploretest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
)

// checkAnswer returns the faults of an answer.
func (e *explorer) checkAnswer(r *request, sent *http.Request, answer *httptest.ResponseRecorder) []string {
	var found []string
	if err := e.answers.Check(sent, answer.Result(), answer.Body.Bytes()); err != nil {
		found = append(found, fmt.Sprintf("the answer breaks the contract: %d: %v", answer.Code, err))
	}
	var body map[string]any
	_ = json.Unmarshal(answer.Body.Bytes(), &body) // a list leaves it nil
	code, _ := body["code"].(string)
	required, _ := r.op.tokenUse()
	switch {
	case answer.Code >= 500:
		found = append(found, fmt.Sprintf("server error: %d %s", answer.Code, code))
	case r.violation != "" && answer.Code < 400:
		found = append(found, "accepted invalid input: "+r.violation)
	case r.violation != "" && !slices.Contains(rejectionStatuses, answer.Code):
		found = append(found, fmt.Sprintf("invalid input (%s) was rejected with another error: %d %s", r.violation, answer.Code, code))
	case r.violation == "" && slices.Contains(rejectionCodes, code):
		found = append(found, fmt.Sprintf("rejected valid input: %d %s %v", answer.Code, code, body["errors"]))
	}
	if required {
		found = append(found, checkSession(r.session, answer.Code)...)
	}
	if r.violation == "" && (r.session == nil || r.session.state == active) {
		found = append(found, e.checkPost(r, answer.Code, body)...)
	}
	return found
}

// The statuses and codes with which invalid input is rejected. They include 401, because authentication comes first,
// and 404, for paths that cannot exist.
var (
	rejectionStatuses = []int{400, 401, 404, 413, 415, 422, 429}
	rejectionCodes    = []string{"malformed_request", "malformed_body", "content_too_large", "unsupported_media_type", "validation", "not_found", "method_not_allowed"}
)

func checkSession(s *session, status int) []string {
	switch {
	case s == nil && status != http.StatusUnauthorized:
		return []string{fmt.Sprintf("a request without a session was accepted: %d", status)}
	case s != nil && s.state == ended && status != http.StatusUnauthorized:
		return []string{fmt.Sprintf("an ended session was accepted: %d", status)}
	case s != nil && s.state == active && status == http.StatusUnauthorized:
		return []string{"an active session was rejected"}
	}
	return nil
}

// checkPost compares an answer about a post with the model.
func (e *explorer) checkPost(r *request, status int, body map[string]any) []string {
	if r.op.OperationID == "CreatePost" && status == http.StatusCreated {
		return unequalMembers(r.members, body)
	}
	known := e.model.posts[r.path["id"]]
	if known == nil || len(r.op.Tags) == 0 || r.op.Tags[0] != "Posts" {
		return nil
	}
	own := r.session != nil && r.session.account == known.owner
	visible := !known.deleted && (known.published || own)
	var found []string
	switch {
	case visible && status == http.StatusNotFound:
		found = append(found, "an existing post was not found")
	case !visible && status < 400:
		found = append(found, "a deleted post or a draft of another user was shown or changed")
	case r.op.method == http.MethodGet && status == http.StatusOK && (body["title"] != known.title || body["content"] != known.content):
		found = append(found, "a post changed without a request")
	case (r.op.OperationID == "UpdatePost" || r.op.OperationID == "PatchPost" || r.op.OperationID == "DeletePost") && !own && status < 400:
		found = append(found, "a user changed a post of another user")
	}
	if status == http.StatusOK && r.members != nil {
		found = append(found, unequalMembers(r.members, body)...)
	}
	return found
}

// readOnlyMembers lists the members of a post that the server ignores in requests.
var readOnlyMembers = map[string]bool{
	"id": true, "etag": true, "owner_id": true, "owner": true, "votes": true, "voted": true, "hidden": true, "version": true,
	"created_at": true, "updated_at": true, "published_at": true,
}

// unequalMembers returns a finding for each member that the answer does not repeat as it was sent.
func unequalMembers(sent, got map[string]any) []string {
	var found []string
	for name, value := range sent {
		if readOnlyMembers[name] {
			continue
		}
		if returned, present := got[name]; !present || returned != value {
			found = append(found, name+" was not returned as it was sent")
		}
	}
	slices.Sort(found)
	return found
}
