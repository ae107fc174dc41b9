package conformance

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

var exportCases = []testCase{
	// The account has a draft, a published post and a vote for a post of another user.
	validCase("ExportAccount/exports", func(c *caseRun) {
		s, foreign := c.stranger(), c.newPost(object{"content": "of the author"})
		c.vote("PUT", foreign, s)
		missing := map[string]bool{"account " + s.account.Email: true, fmt.Sprint("vote ", foreign.ID): true}
		for _, published := range []bool{false, true} {
			made := decode[post](c.createPost(s, object{"content": "é\u2028\n<", "published": published}).expectStatus(201))
			missing["post "+made.whole()] = true
		}
		for _, listed := range c.sessions(s) {
			missing[fmt.Sprint("session ", listed)] = true
		}
		for _, line := range c.export(s) {
			if line.Type == "post" {
				c.expectEqual("owner of an exported post", s.account.ID, line.Post.OwnerID)
			}
			delete(missing, line.item())
		}
		c.expect(len(missing) == 0, "a line for each item of the account", fmt.Sprint("none for ", slices.Sorted(maps.Keys(missing))))
	}),
	validCase("ExportAccount/not-deleted", func(c *caseRun) {
		s := c.stranger()
		made := decode[post](c.createPost(s, object{"content": "deleted"}).expectStatus(201))
		c.send("DELETE", made.path(), as(s)).expectStatus(204)
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

// item names the line. Two lines have the same name if they are about the same item.
func (l exportLine) item() string {
	switch l.Type {
	case "account":
		return "account " + l.Account.Email
	case "post":
		return "post " + l.Post.whole()
	case "vote":
		return fmt.Sprint("vote ", l.Vote.PostID)
	case "session":
		return fmt.Sprint("session ", *l.Session)
	}
	return ""
}

// export returns the lines of an export, which must be complete, without the last one.
func (c *caseRun) export(s *session) (lines []exportLine) {
	a := c.get("/users/me/export", as(s)).expectHeader("Cache-Control", "no-store")
	for text := range bytes.Lines(a.body) {
		var line exportLine
		c.expect(json.Unmarshal(text, &line) == nil, "a JSON object on each line", a)
		lines = append(lines, line)
	}
	n := len(lines) - 1
	c.expect(n >= 0 && lines[n].Type == "end" && lines[n].Lines == n, "a last line of type end with the number of lines before it", a)
	return lines[:n]
}
