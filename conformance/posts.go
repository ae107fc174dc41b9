package conformance

import (
	"net/http"
	"strings"
)

var postCases = []testCase{
	validCase("CreatePost/publishes", createsPost),
	validCase("CreatePost/draft", func(c *caseRun) {
		a := c.send("POST", "/posts", withToken(c.author()), object{"title": c.runID, "content": "draft", "published": false}.json()).expectStatus(http.StatusCreated)
		made := a.decodePost()
		c.expect(!made.Published && made.PublishedAt == nil, "a draft that was never published", a)
	}),
	validCase("CreatePost/text", keepsText),
	validCase("CreatePost/longest", func(c *caseRun) {
		made := c.newPost(object{"title": strings.Repeat("😀", 300), "content": strings.Repeat("é", 100_000)})
		c.expectEqual("bytes of title and content", 4*300+2*100_000, len(made.Title)+len(made.Content))
		c.deletePost(made.path(), c.author().account) // keeps the lists of other cases short
	}),
	invalidCase("CreatePost/fields", postFields),
	invalidCase("CreatePost/sends-nothing-back", func(c *caseRun) {
		c.send("POST", "/posts", withToken(c.author()), withJSON(`{"title":["canary"],"content":{"x":"canary"},"published":"canary"}`)).
			expectNotRepeated("canary").expectInvalid("body /title type", "body /content type", "body /published type")
	}).at(Hardening),
	validCase("CreatePost/idempotent", replays),
	invalidCase("CreatePost/idempotency-key", rejectsKeys),
	validCase("GetPost/reads", readsPost),
	invalidCase("GetPost/unknown", func(c *caseRun) {
		c.send("GET", "/posts/"+unusedID).expectProblem(http.StatusNotFound, "post_not_found")
	}),
	invalidCase("GetPost/draft-is-hidden", hidesDraft),
	validCase("GetPost/other-scheme", func(c *caseRun) {
		c.send("GET", c.newPost(object{}).path(), withHeader("Authorization", "Basic Y29uZm9ybWFuY2U6eA==")).expectStatus(http.StatusOK)
	}),
	validCase("UpdatePost/replaces", replacesPost),
	invalidCase("UpdatePost/of-another", func(c *caseRun) { rejectsOtherUser(c, "PUT", object{"title": "x", "content": "x"}.json()) }),
	validCase("PatchPost/merges", mergesPatch),
	invalidCase("PatchPost/null", func(c *caseRun) {
		made := c.newPost(object{})
		for _, name := range []string{"title", "content", "published"} {
			c.send("PATCH", made.path(), withToken(c.author()), withMergePatch(`{"`+name+`":null}`)).expectInvalid("body /" + name + " type")
		}
		c.expectEqual("version after rejected patches", 1, c.send("GET", made.path()).expectStatus(http.StatusOK).decodePost().Version)
	}),
	invalidCase("PatchPost/of-another", func(c *caseRun) { rejectsOtherUser(c, "PATCH", withMergePatch(`{"title":"x"}`)) }),
	validCase("DeletePost/deletes", func(c *caseRun) {
		made := c.newPost(object{})
		c.send("DELETE", made.path(), withToken(c.author())).expectStatus(http.StatusNoContent)
		for _, method := range []string{"GET", "DELETE"} {
			c.send(method, made.path(), withToken(c.author())).expectProblem(http.StatusNotFound, "post_not_found")
		}
	}),
	invalidCase("DeletePost/of-another", func(c *caseRun) { rejectsOtherUser(c, "DELETE", func(*request) {}) }),
	validCase("VoteForPost/counts-once", countsVotes),
	invalidCase("VoteForPost/unknown", func(c *caseRun) { rejectsUnknownPost(c, "PUT") }),
	validCase("WithdrawVote/withdraws", withdrawsVote),
	invalidCase("WithdrawVote/unknown", func(c *caseRun) { rejectsUnknownPost(c, "DELETE") }),
}

// newPost creates a post of the author. Members that in does not have get default values.
func (c *caseRun) newPost(in object) (made post) {
	whole := object{"title": c.runID, "content": "Written by a conformance test, and gone soon."}
	for name, value := range in {
		whole[name] = value
	}
	author := c.author()
	c.prepare("CreatePost/lesson", func() {
		made = c.send("POST", "/posts", withToken(author), whole.json()).expectSuccess().decodePost()
		c.expect(made.ID > 0, "a post with its id", c.last)
	})
	return made
}

func createsPost(c *caseRun) {
	s := c.author()
	a := c.send("POST", "/posts", withToken(s), object{"title": c.runID, "content": "text"}.json()).expectStatus(http.StatusCreated)
	made := a.decodePost()
	a.expectHeader("Location", made.path())
	c.expect(a.header.Get("Idempotency-Replayed") == "", "no Idempotency-Replayed header", "one")
	c.expectEqual("owner", []int64{s.account.ID, s.account.ID}, []int64{made.OwnerID, made.Owner.ID})
	c.expectEqual("votes and version", []int64{0, 1}, []int64{made.Votes, made.Version})
	c.expect(made.Published && made.PublishedAt != nil, "published at once", a)
	c.expectEqual("the post as it is read", string(a.body), string(c.send("GET", made.path(), withToken(s)).expectStatus(http.StatusOK).body))
}

// keepsText sends texts that servers tend to normalise or escape.
func keepsText(c *caseRun) {
	for _, text := range []string{
		" \u00a0e\u0301\u200d<b>&amp;\uFFFD ", "\r\n\t\u2028\u007f\u0001", "😀 ﬁ İı ß", "\ufeff'; DROP TABLE posts; --", `\ud83d \u0000 %00 {{1}} ${x}`,
		"é", "e\u0301", "\U0010FFFF\uE000", "مرحبا \u202eabc",
	} {
		made := c.newPost(object{"title": text, "content": text + text})
		read := c.send("GET", made.path()).expectStatus(http.StatusOK).decodePost()
		c.expectEqual("title, as it was sent", quoteShell(text), quoteShell(read.Title))
		c.expectEqual("content, as it was sent", quoteShell(text+text), quoteShell(read.Content))
	}
	paired := c.send("POST", "/posts", withToken(c.author()), withJSON(`{"title":"\ud83d\ude00","content":"\\ud83d"}`)).expectStatus(http.StatusCreated).decodePost()
	c.expectEqual("text sent with escapes", `😀 \ud83d`, paired.Title+" "+paired.Content)
}

func postFields(c *caseRun) {
	member := func(title string) string { return `{"title":` + title + `,"content":"c"}` }
	for text, fields := range sorted(map[string][]string{
		`{}`:                 {"body /title required", "body /content required"},
		member(`null`):       {"body /title type"},
		member(`1e999`):      {"body /title type"},
		member(`""`):         {"body /title min_length"},
		member(`"\ud83d"`):   {"body /title format"},
		member(`"a\u0000b"`): {"body /title pattern"},
		member(`"` + strings.Repeat("é", 301) + `"`):                     {"body /title max_length"},
		`{"content":"` + strings.Repeat("x", 100_001) + `","title":"t"}`: {"body /content max_length"},
		`{"title":"t","content":"c","published":1}`:                      {"body /published type"},
		`{"zzz":1,"aaa":1,"title":"t"}`:                                  {"body /content required", "body /aaa unknown", "body /zzz unknown"},
		`{"title":"t","content":"c","owner_id":1,"id":1}`:                {"body /id unknown", "body /owner_id unknown"},
		`{"TITLE":"t","content":"c"}`:                                    {"body /title required", "body /TITLE unknown"},
	}) {
		c.send("POST", "/posts", withToken(c.author()), withJSON(text)).expectInvalid(fields...)
	}
}

func readsPost(c *caseRun) {
	made := c.newPost(object{})
	a := c.send("GET", made.path()).expectStatus(http.StatusOK).expectHeader("Cache-Control", "no-cache")
	c.expectEqual("id", made.ID, a.decodePost().ID)
	varies := strings.ToLower(strings.Join(a.header.Values("Vary"), ","))
	c.expect(strings.Contains(varies, "authorization"), "Vary: Authorization", "Vary: "+varies)
	c.send("GET", made.path()+"/").expectStatus(http.StatusOK)
	for _, s := range []*session{c.author(), c.stranger()} {
		seen := c.send("GET", made.path(), withToken(s)).expectStatus(http.StatusOK)
		c.expectEqual("the post for every reader", a.decodePost().whole(), seen.decodePost().whole())
		c.expect(strings.Contains(string(seen.body), `"voted":false`), "voted, which is false", seen)
		c.expect(!strings.Contains(string(seen.body), `"hidden"`), "no member hidden, because everybody can see the post", seen)
	}
}

// hidesDraft compares the answers to others for a draft and for a post that does not exist. They must not differ except
// in the identifier of the request.
func hidesDraft(c *caseRun) {
	draft := c.newPost(object{"published": false})
	c.send("GET", draft.path(), withToken(c.author())).expectStatus(http.StatusOK).expectHeader("Cache-Control", "private, no-store")
	nothing := c.send("GET", "/posts/"+unusedID).expectProblem(http.StatusNotFound, "post_not_found").bodyWithoutRequestID()
	hidden := []option{func(*request) {}, withToken(c.stranger())}
	for _, who := range hidden {
		a := c.send("GET", draft.path(), who).expectProblem(http.StatusNotFound, "post_not_found")
		c.expectEqual("the answer for a draft", nothing, a.bodyWithoutRequestID())
		c.send("GET", draft.path(), who, withHeader("If-None-Match", "*")).expectStatus(http.StatusNotFound)
	}
	theirs := withToken(c.stranger())
	c.send("PUT", draft.path(), theirs, object{"title": "x", "content": "x"}.json()).expectProblem(http.StatusNotFound, "post_not_found")
	c.send("PATCH", draft.path(), theirs, withMergePatch(`{}`)).expectProblem(http.StatusNotFound, "post_not_found")
	c.send("DELETE", draft.path(), theirs).expectProblem(http.StatusNotFound, "post_not_found")
	for _, method := range []string{"PUT", "DELETE"} {
		c.send(method, draft.path()+"/vote", theirs).expectProblem(http.StatusNotFound, "post_not_found")
	}
	for _, listed := range c.send("GET", "/posts?limit=100").expectStatus(http.StatusOK).decodePosts() {
		c.expect(listed.ID != draft.ID && listed.Published, "only published posts", listed.path())
	}
}

func replacesPost(c *caseRun) {
	made := c.newPost(object{"published": false})
	a := c.send("PUT", made.path(), withToken(c.author()), object{"title": "new", "content": "text"}.json()).expectStatus(http.StatusOK)
	now := a.decodePost()
	c.expectEqual("title, content, published and version", []any{"new", "text", true, 2}, []any{now.Title, now.Content, now.Published, now.Version})
	c.expect(now.PublishedAt != nil, "published_at", a)
	c.send("PUT", made.path(), withToken(c.author()), object{"title": "new", "content": "text", "published": false}.json()).expectStatus(http.StatusOK)
	again := c.send("PUT", made.path(), withToken(c.author()), object{"title": "new", "content": "text"}.json()).expectStatus(http.StatusOK).decodePost()
	c.expectEqual("published_at after publishing again", c.publishedAt(now), c.publishedAt(again))
	c.send("PUT", made.path(), withToken(c.author()), object{"title": "only"}.json()).expectInvalid("body /content required")
	c.send("PUT", "/posts/"+unusedID, withToken(c.author()), object{"title": "x", "content": "x"}.json()).expectProblem(http.StatusNotFound, "post_not_found")
}

func mergesPatch(c *caseRun) {
	made := c.newPost(object{"title": "title", "content": "content", "published": false})
	for _, step := range []struct {
		patch, title string
		published    bool
	}{{`{"title":"new"}`, "new", false}, {`{}`, "new", false}, {`{"published":true}`, "new", true}, {`{"title":"t","published":false}`, "t", false}} {
		now := c.send("PATCH", made.path(), withToken(c.author()), withMergePatch(step.patch)).expectStatus(http.StatusOK).decodePost()
		c.expectEqual("the post after the patch", []any{step.title, "content", step.published}, []any{now.Title, now.Content, now.Published})
	}
	c.send("PATCH", made.path(), withToken(c.author()), withJSON(`{}`)).expectStatus(http.StatusOK)
}

// rejectsOtherUser sends a write that only the owner may make as another user. It checks that the post has not changed.
func rejectsOtherUser(c *caseRun, method string, body option) {
	made := c.newPost(object{})
	for _, condition := range []option{func(*request) {}, withHeader("If-Match", `"0-stale"`)} { // 403 comes before 412
		c.send(method, made.path(), withToken(c.stranger()), body, condition).expectProblem(http.StatusForbidden, "not_post_owner")
	}
	c.expectEqual("version", 1, c.send("GET", made.path()).expectStatus(http.StatusOK).decodePost().Version)
}

func (c *caseRun) votes(p post) int64 {
	return c.send("GET", p.path()).expectStatus(http.StatusOK).decodePost().Votes
}

func countsVotes(c *caseRun) {
	made := c.newPost(object{})
	for _, vote := range []struct {
		who   *session
		count int64
	}{{c.stranger(), 1}, {c.stranger(), 1}, {c.author(), 2}} {
		c.send("PUT", made.path()+"/vote", withToken(vote.who)).expectStatus(http.StatusNoContent)
		c.expectEqual("votes", vote.count, c.votes(made))
	}
}

func withdrawsVote(c *caseRun) {
	made := c.newPost(object{})
	vote := func(method string, count int64) {
		c.send(method, made.path()+"/vote", withToken(c.stranger())).expectStatus(http.StatusNoContent)
		c.expectEqual("votes after "+method, count, c.votes(made))
	}
	vote("DELETE", 0)
	vote("PUT", 1)
	vote("DELETE", 0)
	vote("DELETE", 0)
}

func rejectsUnknownPost(c *caseRun, method string) {
	c.send(method, "/posts/"+unusedID+"/vote", withToken(c.stranger())).expectProblem(http.StatusNotFound, "post_not_found")
}
