package conformance

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
)

var exportCases = []testCase{
	validCase("ExportAccount/exports", exportsAccount),
	validCase("ExportAccount/not-deleted", func(c *caseRun) {
		s := c.stranger()
		made := c.send("POST", "/posts", withToken(s), object{"title": c.runID, "content": "deleted"}.json()).expectStatus(http.StatusCreated).decodePost()
		c.send("DELETE", made.path(), withToken(s)).expectStatus(http.StatusNoContent)
		for _, line := range c.export(s) {
			c.expect(line.Post.ID != made.ID, "an export without the deleted post", "one with it")
		}
	}),
}

// exportLine is a line of an export.
type exportLine struct {
	Type    string         `json:"type"`
	Account account        `json:"account"`
	Post    post           `json:"post"`
	Session *listedSession `json:"session"`
	Lines   int            `json:"lines"`
	Vote    struct {
		PostID int64 `json:"post_id"`
	} `json:"vote"`
}

// export returns the lines of an export, which must be complete, without the last one.
func (c *caseRun) export(s *session) (lines []exportLine) {
	a := c.send("GET", "/users/me/export", withToken(s)).expectStatus(http.StatusOK)
	a.expectHeader("Cache-Control", "no-store")
	for text := range bytes.Lines(a.body) {
		var line exportLine
		c.expect(json.Unmarshal(text, &line) == nil, "a JSON object on each line", a)
		lines = append(lines, line)
	}
	n := len(lines) - 1
	c.expect(n >= 0 && lines[n].Type == "end" && lines[n].Lines == n, "a last line of type end with the number of lines before it", a)
	return lines[:n]
}

// exportsAccount exports an account with a draft, a published post and a vote for a post of another user.
func exportsAccount(c *caseRun) {
	s, foreign := c.stranger(), c.newPost(object{"title": c.runID, "content": "of the author"})
	c.send("PUT", foreign.path()+"/vote", withToken(s)).expectStatus(http.StatusNoContent)
	missing := map[string]bool{"account " + s.account.Email: true, fmt.Sprint("vote ", foreign.ID): true}
	for _, published := range []bool{false, true} {
		in := object{"title": c.runID, "content": "é\u2028\n<", "published": published}
		made := c.send("POST", "/posts", withToken(s), in.json()).expectStatus(http.StatusCreated).decodePost()
		missing["post "+made.whole()] = true
	}
	for _, listed := range c.sessions(s) {
		missing[fmt.Sprint("session ", listed)] = true
	}
	for _, line := range c.export(s) {
		switch line.Type {
		case "account":
			delete(missing, "account "+line.Account.Email)
		case "post":
			c.expectEqual("owner of an exported post", s.account.ID, line.Post.OwnerID)
			delete(missing, "post "+line.Post.whole())
		case "vote":
			delete(missing, fmt.Sprint("vote ", line.Vote.PostID))
		case "session":
			delete(missing, fmt.Sprint("session ", *line.Session))
		}
	}
	c.expect(len(missing) == 0, "a line for each item of the account", fmt.Sprint("none for ", slices.Sorted(maps.Keys(missing))))
}
