package conformance

import (
	"maps"
	"strings"
)

var postCases = []testCase{
	validCase("CreatePost/publishes", func(c *caseRun) {
		s := c.author()
		a := c.createPost(s, object{"content": "text"}).expectStatus(201)
		made := decode[post](a)
		a.expectHeader("Location", made.path())
		c.expect(a.header.Get("Idempotency-Replayed") == "", "no Idempotency-Replayed header", "one")
		c.expectEqual("owner", []int64{s.account.ID, s.account.ID}, []int64{made.OwnerID, made.Owner.ID})
		c.expectEqual("votes and version", []int64{0, 1}, []int64{made.Votes, made.Version})
		c.expect(made.Published && made.PublishedAt != nil, "published at once", a)
		c.expectEqual("the post as it is read", string(a.body), string(c.get(made.path(), as(s)).body))
	}),
	validCase("CreatePost/draft", func(c *caseRun) {
		made := decode[post](c.createPost(c.author(), object{"content": "draft", "published": false}).expectStatus(201))
		c.expect(!made.Published && made.PublishedAt == nil, "a draft that was never published", c.last)
	}),
	// Servers tend to normalise or escape these texts.
	validCase("CreatePost/text", func(c *caseRun) {
		for _, text := range []string{
			" \u00a0e\u0301\u200d<b>&amp;\uFFFD ", "\r\n\t\u2028\u007f\u0001", "😀 ﬁ İı ß", "\ufeff'; DROP TABLE posts; --",
			`\ud83d \u0000 %00 {{1}} ${x}`, "é", "e\u0301", "\U0010FFFF\uE000", "مرحبا \u202eabc",
		} {
			now := c.read(c.newPost(object{"title": text, "content": text + text}))
			c.expectEqual("title, as it was sent", quoteShell(text), quoteShell(now.Title))
			c.expectEqual("content, as it was sent", quoteShell(text+text), quoteShell(now.Content))
		}
		escaped := withJSON(`{"title":"\ud83d\ude00","content":"\\ud83d"}`)
		paired := decode[post](c.send("POST", "/posts", as(c.author()), escaped).expectStatus(201))
		c.expectEqual("text sent with escapes", `😀 \ud83d`, paired.Title+" "+paired.Content)
	}),
	validCase("CreatePost/longest", func(c *caseRun) {
		made := c.newPost(object{"title": strings.Repeat("😀", 300), "content": strings.Repeat("é", 100_000)})
		c.expectEqual("bytes of title and content", 4*300+2*100_000, len(made.Title)+len(made.Content))
		c.deletePost(made.path()) // keeps the lists of other cases short
	}),
	invalidCase("CreatePost/fields", func(c *caseRun) {
		titled := func(title string) string { return `{"title":` + title + `,"content":"c"}` }
		c.rejectJSON("POST", "/posts", c.author(), map[string]string{
			`{}`:                 "body /title required, body /content required",
			titled(`null`):       "body /title type",
			titled(`1e999`):      "body /title type",
			titled(`""`):         "body /title min_length",
			titled(`"\ud83d"`):   "body /title format",
			titled(`"a\u0000b"`): "body /title pattern",
			titled(`"` + strings.Repeat("é", 301) + `"`):                     "body /title max_length",
			`{"content":"` + strings.Repeat("x", 100_001) + `","title":"t"}`: "body /content max_length",
			`{"title":"t","content":"c","published":1}`:                      "body /published type",
			`{"zzz":1,"aaa":1,"title":"t"}`:                                  "body /content required, body /aaa unknown, body /zzz unknown",
			`{"title":"t","content":"c","owner_id":1,"id":1}`:                "body /id unknown, body /owner_id unknown",
			`{"TITLE":"t","content":"c"}`:                                    "body /title required, body /TITLE unknown",
		})
	}),
	invalidCase("CreatePost/sends-nothing-back", func(c *caseRun) {
		c.send("POST", "/posts", as(c.author()), withJSON(`{"title":["canary"],"content":{"x":"canary"},"published":"canary"}`)).
			expectNotRepeated("canary").expectInvalid("body /title type", "body /content type", "body /published type")
	}).at(Hardening),
	// The post is asked for three times: again, and again after it was deleted.
	validCase("CreatePost/idempotent", func(c *caseRun) {
		key, text := c.runID+"-"+randomText(), object{"title": c.runID, "content": "once"}.json()
		create := func(s *session) *answer {
			return c.send("POST", "/posts", as(s), text, withHeader("Idempotency-Key", key)).expectStatus(201)
		}
		first := create(c.author())
		c.expect(first.header.Get("Idempotency-Replayed") == "", "no Idempotency-Replayed header in the first answer", "one")
		made := decode[post](first)
		again := func() {
			a := create(c.author()).expectHeader("Idempotency-Replayed", "true")
			c.expectEqual("the first answer", string(first.body), string(a.body))
			for _, name := range []string{"Location", "ETag", "Cache-Control", "Content-Type"} {
				a.expectHeader(name, first.header.Get(name))
			}
		}
		again()
		theirs := decode[post](create(c.stranger()))
		c.expect(theirs.ID != made.ID, "a new post: idempotency keys belong to one user", "the first user's")
		c.send("DELETE", made.path(), as(c.author())).expectStatus(204)
		again()
		c.send("GET", made.path()).expectStatus(404)
	}),
	invalidCase("CreatePost/idempotency-key", func(c *caseRun) {
		create := func(key, text string) *answer {
			return c.send("POST", "/posts", as(c.author()), withJSON(text), withHeader("Idempotency-Key", key))
		}
		key := c.runID + "-" + randomText()
		create(key, `{}`).expectStatus(422)
		create(key, `{"title":"t","content":"c"}`).expectStatus(201) // a rejected request does not use the key
		create(key, `{"title":"t","content":"another"}`).expectProblem(422, "idempotency_key_reused")
		create("a b", `{"title":"t","content":"c"}`).expectInvalid("header Idempotency-Key pattern")
		create(strings.Repeat("k", 256), `{"title":"t","content":"c"}`).expectInvalid("header Idempotency-Key max_length")
	}),
	validCase("GetPost/reads", func(c *caseRun) {
		made := c.newPost(nil)
		a := c.get(made.path()).expectHeader("Cache-Control", "no-cache")
		c.expectEqual("id", made.ID, decode[post](a).ID)
		varies := strings.ToLower(strings.Join(a.header.Values("Vary"), ","))
		c.expect(strings.Contains(varies, "authorization"), "Vary: Authorization", "Vary: "+varies)
		c.get(made.path() + "/")
		for _, s := range []*session{c.author(), c.stranger()} {
			seen := c.get(made.path(), as(s))
			c.expectEqual("the post for every reader", decode[post](a).whole(), decode[post](seen).whole())
			c.expect(strings.Contains(string(seen.body), `"voted":false`), "voted, which is false", seen)
			c.expect(!strings.Contains(string(seen.body), `"hidden"`), "no member hidden, because everybody can see the post", seen)
		}
	}),
	invalidCase("GetPost/unknown", func(c *caseRun) { c.send("GET", "/posts/"+unusedID).expectProblem(404, "post_not_found") }),
	// The answers for a draft and for a post that does not exist must not differ except in the identifier of the request.
	invalidCase("GetPost/draft-is-hidden", func(c *caseRun) {
		draft := c.newPost(object{"published": false})
		c.get(draft.path(), as(c.author())).expectHeader("Cache-Control", "private, no-store")
		nothing := c.send("GET", "/posts/"+unusedID).expectProblem(404, "post_not_found").bodyWithoutRequestID()
		theirs := as(c.stranger())
		for _, who := range []option{nil, theirs} {
			a := c.send("GET", draft.path(), who).expectProblem(404, "post_not_found")
			c.expectEqual("the answer for a draft", nothing, a.bodyWithoutRequestID())
			c.send("GET", draft.path(), who, withHeader("If-None-Match", "*")).expectStatus(404)
		}
		c.send("PUT", draft.path(), theirs, replacement).expectProblem(404, "post_not_found")
		c.send("PATCH", draft.path(), theirs, withMergePatch(`{}`)).expectProblem(404, "post_not_found")
		c.send("DELETE", draft.path(), theirs).expectProblem(404, "post_not_found")
		c.send("PUT", draft.path()+"/vote", theirs).expectProblem(404, "post_not_found")
		c.send("DELETE", draft.path()+"/vote", theirs).expectProblem(404, "post_not_found")
		for _, listed := range decode[[]post](c.get("/posts?limit=100")) {
			c.expect(listed.ID != draft.ID && listed.Published, "only published posts", listed.path())
		}
	}),
	validCase("GetPost/other-scheme", func(c *caseRun) {
		c.get(c.newPost(nil).path(), withHeader("Authorization", "Basic Y29uZm9ybWFuY2U6eA=="))
	}),
	validCase("UpdatePost/replaces", func(c *caseRun) {
		made := c.newPost(object{"published": false})
		put := func(in object) *answer { return c.send("PUT", made.path(), as(c.author()), in.json()) }
		now := decode[post](put(object{"title": "new", "content": "text"}).expectStatus(200))
		actual := []any{now.Title, now.Content, now.Published, now.Version}
		c.expectEqual("title, content, published and version", []any{"new", "text", true, 2}, actual)
		c.expect(now.PublishedAt != nil, "published_at", c.last)
		put(object{"title": "new", "content": "text", "published": false}).expectStatus(200)
		again := decode[post](put(object{"title": "new", "content": "text"}).expectStatus(200))
		c.expectEqual("published_at after publishing again", c.publishedAt(now), c.publishedAt(again))
		put(object{"title": "only"}).expectInvalid("body /content required")
		c.send("PUT", "/posts/"+unusedID, as(c.author()), replacement).expectProblem(404, "post_not_found")
	}),
	invalidCase("UpdatePost/of-another", func(c *caseRun) { rejectsOtherUser(c, "PUT", withJSON(`{"content":"x","title":"x"}`)) }),
	validCase("PatchPost/merges", func(c *caseRun) {
		made := c.newPost(object{"title": "title", "content": "content", "published": false})
		for _, step := range []struct {
			patch string
			after []any
		}{
			{`{"title":"new"}`, []any{"new", "content", false}},
			{`{}`, []any{"new", "content", false}},
			{`{"published":true}`, []any{"new", "content", true}},
			{`{"title":"t","published":false}`, []any{"t", "content", false}},
		} {
			now := decode[post](c.send("PATCH", made.path(), as(c.author()), withMergePatch(step.patch)).expectStatus(200))
			c.expectEqual("the post after the patch", step.after, []any{now.Title, now.Content, now.Published})
		}
		c.send("PATCH", made.path(), as(c.author()), withJSON(`{}`)).expectStatus(200)
	}),
	invalidCase("PatchPost/null", func(c *caseRun) {
		made := c.newPost(nil)
		for _, name := range []string{"title", "content", "published"} {
			c.send("PATCH", made.path(), as(c.author()), withMergePatch(`{"`+name+`":null}`)).expectInvalid("body /" + name + " type")
		}
		c.expectEqual("version after rejected patches", 1, c.read(made).Version)
	}),
	invalidCase("PatchPost/of-another", func(c *caseRun) { rejectsOtherUser(c, "PATCH", newTitle) }),
	validCase("DeletePost/deletes", func(c *caseRun) {
		made := c.newPost(nil)
		c.send("DELETE", made.path(), as(c.author())).expectStatus(204)
		c.send("GET", made.path(), as(c.author())).expectProblem(404, "post_not_found")
		c.send("DELETE", made.path(), as(c.author())).expectProblem(404, "post_not_found")
	}),
	invalidCase("DeletePost/of-another", func(c *caseRun) { rejectsOtherUser(c, "DELETE", nil) }),
	validCase("VoteForPost/counts-once", func(c *caseRun) {
		made := c.newPost(nil)
		for _, step := range []struct {
			who   *session
			count int64
		}{{c.stranger(), 1}, {c.stranger(), 1}, {c.author(), 2}} {
			c.vote("PUT", made, step.who)
			c.expectEqual("votes", step.count, c.read(made).Votes)
		}
	}),
	invalidCase("VoteForPost/unknown", func(c *caseRun) {
		c.send("PUT", "/posts/"+unusedID+"/vote", as(c.stranger())).expectProblem(404, "post_not_found")
	}),
	validCase("WithdrawVote/withdraws", func(c *caseRun) {
		made := c.newPost(nil)
		for _, method := range []string{"DELETE", "PUT", "DELETE", "DELETE"} {
			c.vote(method, made, c.stranger())
			expected := map[string]int{"PUT": 1, "DELETE": 0}[method]
			c.expectEqual("votes after "+method, expected, c.read(made).Votes)
		}
	}),
	invalidCase("WithdrawVote/unknown", func(c *caseRun) {
		c.send("DELETE", "/posts/"+unusedID+"/vote", as(c.stranger())).expectProblem(404, "post_not_found")
	}),
}

// Bodies that change a post.
var (
	replacement = object{"title": "new", "content": "new"}.json()
	newTitle    = withMergePatch(`{"title":"new"}`)
)

// createPost sends a new post. Members that in does not have get default values.
func (c *caseRun) createPost(s *session, in object) *answer {
	whole := object{"title": c.runID, "content": "Written by a conformance test, and gone soon."}
	maps.Copy(whole, in)
	return c.send("POST", "/posts", as(s), whole.json())
}

// newPost creates a post of the author for a case that needs one.
func (c *caseRun) newPost(in object) (made post) {
	author := c.author()
	c.prepare("CreatePost/lesson", func() {
		made = decode[post](c.createPost(author, in).expectSuccess())
		c.expect(made.ID > 0, "a post with its id", c.last)
	})
	return made
}

// read returns a post as everybody sees it now.
func (c *caseRun) read(p post) post { return decode[post](c.get(p.path())) }

// vote sends PUT to add a vote, or DELETE to remove it.
func (c *caseRun) vote(method string, p post, s *session) {
	c.send(method, p.path()+"/vote", as(s)).expectStatus(204)
}

// rejectsOtherUser sends a write that only the owner may make as another user. It checks that the post has not changed.
func rejectsOtherUser(c *caseRun, method string, body option) {
	made := c.newPost(nil)
	for _, condition := range []option{nil, withHeader("If-Match", `"0-stale"`)} { // 403 comes before 412
		c.send(method, made.path(), as(c.stranger()), body, condition).expectProblem(403, "not_post_owner")
	}
	c.expectEqual("version", 1, c.read(made).Version)
}
