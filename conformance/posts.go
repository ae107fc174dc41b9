package conformance

import (
	"net/http"
	"strings"
)

var postCases = []testCase{
	good("CreatePost/publishes", createsPost),
	good("CreatePost/draft", func(c *check) {
		a := c.send("POST", "/posts", by(c.author()), object{"title": c.mark, "content": "draft", "published": false}.json()).is(http.StatusCreated)
		made := a.post()
		c.expect(!made.Published && made.PublishedAt == nil, "a draft, not published at any time", a)
	}),
	good("CreatePost/text", keepsText),
	good("CreatePost/longest", func(c *check) {
		made := c.newPost(object{"title": strings.Repeat("😀", 300), "content": strings.Repeat("é", 100_000)})
		c.equal("octets of title and content", 4*300+2*100_000, len(made.Title)+len(made.Content))
		c.deletePost(made.path(), c.author().person) // it would make every list long
	}),
	bad("CreatePost/fields", postFields),
	bad("CreatePost/sends-nothing-back", func(c *check) {
		c.send("POST", "/posts", by(c.author()), jsonText(`{"title":["canary"],"content":{"x":"canary"},"published":"canary"}`)).
			hides("canary").invalid("body /title type", "body /content type", "body /published type")
	}),
	good("CreatePost/idempotent", replays),
	bad("CreatePost/idempotency-key", refusesKeys),
	good("GetPost/reads", readsPost),
	bad("GetPost/unknown", func(c *check) { c.send("GET", "/posts/"+nobodysID).problem(http.StatusNotFound, "post_not_found") }),
	bad("GetPost/draft-is-hidden", hidesDraft),
	good("GetPost/other-scheme", func(c *check) {
		c.send("GET", c.newPost(object{}).path(), header("Authorization", "Basic Y29uZm9ybWFuY2U6eA==")).is(http.StatusOK)
	}),
	good("UpdatePost/replaces", replacesPost),
	bad("UpdatePost/of-another", func(c *check) { notTheirs(c, "PUT", object{"title": "x", "content": "x"}.json()) }),
	good("PatchPost/merges", mergesPatch),
	bad("PatchPost/null", func(c *check) {
		made := c.newPost(object{})
		for _, name := range []string{"title", "content", "published"} {
			c.send("PATCH", made.path(), by(c.author()), patchText(`{"`+name+`":null}`)).invalid("body /" + name + " type")
		}
		c.equal("version after what was refused", 1, c.send("GET", made.path()).is(http.StatusOK).post().Version)
	}),
	bad("PatchPost/of-another", func(c *check) { notTheirs(c, "PATCH", patchText(`{"title":"x"}`)) }),
	good("DeletePost/deletes", func(c *check) {
		made := c.newPost(object{})
		c.send("DELETE", made.path(), by(c.author())).is(http.StatusNoContent)
		for _, method := range []string{"GET", "DELETE"} {
			c.send(method, made.path(), by(c.author())).problem(http.StatusNotFound, "post_not_found")
		}
	}),
	bad("DeletePost/of-another", func(c *check) { notTheirs(c, "DELETE", func(*request) {}) }),
	good("VoteForPost/counts-once", countsVotes),
	bad("VoteForPost/unknown", func(c *check) { voteless(c, "PUT") }),
	good("WithdrawVote/withdraws", withdrawsVote),
	bad("WithdrawVote/unknown", func(c *check) { voteless(c, "DELETE") }),
}

// newPost writes a post as the author; what in leaves out is made up.
func (c *check) newPost(in object) post {
	whole := object{"title": c.mark, "content": "Written by a conformance test, and gone soon."}
	for name, value := range in {
		whole[name] = value
	}
	return c.send("POST", "/posts", by(c.author()), whole.json()).is(http.StatusCreated).post()
}

func createsPost(c *check) {
	s := c.author()
	a := c.send("POST", "/posts", by(s), object{"title": c.mark, "content": "text"}.json()).is(http.StatusCreated)
	made := a.post()
	a.has("Location", made.path())
	c.expect(a.header.Get("ETag") != "", "an ETag", "none")
	c.expect(a.header.Get("Idempotency-Replayed") == "", "no Idempotency-Replayed", "one")
	c.equal("owner", []int64{s.person.ID, s.person.ID}, []int64{made.OwnerID, made.Owner.ID})
	c.equal("votes and version", []int64{0, 1}, []int64{made.Votes, made.Version})
	c.expect(made.Published && made.PublishedAt != nil, "published at once", a)
	c.equal("what is read", string(a.body), string(c.send("GET", made.path()).is(http.StatusOK).body))
}

// keepsText sends what a server is tempted to tidy up.
func keepsText(c *check) {
	for _, text := range []string{
		" \u00a0e\u0301\u200d<b>&amp;\uFFFD ", "\r\n\t\u2028\u007f\u0001", "😀 ﬁ İı ß", "\ufeff'; DROP TABLE posts; --", `\ud83d \u0000 %00 {{1}} ${x}`,
		"é", "e\u0301", "\U0010FFFF\uE000", "مرحبا \u202eabc",
	} {
		made := c.newPost(object{"title": text, "content": text + text})
		read := c.send("GET", made.path()).is(http.StatusOK).post()
		c.equal("title, as it was sent", quoteShell(text), quoteShell(read.Title))
		c.equal("content, as it was sent", quoteShell(text+text), quoteShell(read.Content))
	}
	paired := c.send("POST", "/posts", by(c.author()), jsonText(`{"title":"\ud83d\ude00","content":"\\ud83d"}`)).is(http.StatusCreated).post()
	c.equal("text of escapes", `😀 \ud83d`, paired.Title+" "+paired.Content)
}

func postFields(c *check) {
	member := func(title string) string { return `{"title":` + title + `,"content":"c"}` }
	for text, fields := range map[string][]string{
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
	} {
		c.send("POST", "/posts", by(c.author()), jsonText(text)).invalid(fields...)
	}
}

func readsPost(c *check) {
	made := c.newPost(object{})
	a := c.send("GET", made.path()).is(http.StatusOK).has("Cache-Control", "no-cache")
	c.equal("id", made.ID, a.post().ID)
	varies := strings.ToLower(strings.Join(a.header.Values("Vary"), ","))
	c.expect(strings.Contains(varies, "authorization"), "Vary: Authorization", "Vary: "+varies)
	c.send("GET", made.path()+"/").is(http.StatusOK)
	for _, s := range []*session{c.author(), c.stranger()} {
		c.equal("what others see", string(a.body), string(c.send("GET", made.path(), by(s)).is(http.StatusOK).body))
	}
}

// hidesDraft holds what others get for a draft against what they get for nothing: all but the request's identifier must be the
// same.
func hidesDraft(c *check) {
	draft := c.newPost(object{"published": false})
	c.send("GET", draft.path(), by(c.author())).is(http.StatusOK).has("Cache-Control", "private, no-store")
	nothing := c.send("GET", "/posts/"+nobodysID).problem(http.StatusNotFound, "post_not_found").anonymous()
	hidden := []option{func(*request) {}, by(c.stranger())}
	for _, who := range hidden {
		a := c.send("GET", draft.path(), who).problem(http.StatusNotFound, "post_not_found")
		c.equal("the answer for a draft", nothing, a.anonymous())
		c.send("GET", draft.path(), who, header("If-None-Match", "*")).is(http.StatusNotFound)
	}
	theirs := by(c.stranger())
	c.send("PUT", draft.path(), theirs, object{"title": "x", "content": "x"}.json()).problem(http.StatusNotFound, "post_not_found")
	c.send("PATCH", draft.path(), theirs, patchText(`{}`)).problem(http.StatusNotFound, "post_not_found")
	c.send("DELETE", draft.path(), theirs).problem(http.StatusNotFound, "post_not_found")
	for _, method := range []string{"PUT", "DELETE"} {
		c.send(method, draft.path()+"/vote", theirs).problem(http.StatusNotFound, "post_not_found")
	}
	for _, listed := range c.send("GET", "/posts?limit=100").is(http.StatusOK).posts() {
		c.expect(listed.ID != draft.ID && listed.Published, "published posts alone", listed.path())
	}
}

func replacesPost(c *check) {
	made := c.newPost(object{"published": false})
	a := c.send("PUT", made.path(), by(c.author()), object{"title": "new", "content": "text"}.json()).is(http.StatusOK)
	now := a.post()
	c.equal("title, content, published and version", []any{"new", "text", true, 2}, []any{now.Title, now.Content, now.Published, now.Version})
	c.expect(now.PublishedAt != nil && a.header.Get("ETag") != "", "published_at and an ETag", a)
	c.send("PUT", made.path(), by(c.author()), object{"title": "new", "content": "text", "published": false}.json()).is(http.StatusOK)
	again := c.send("PUT", made.path(), by(c.author()), object{"title": "new", "content": "text"}.json()).is(http.StatusOK).post()
	c.equal("published_at of what is published again", *now.PublishedAt, *again.PublishedAt)
	c.send("PUT", made.path(), by(c.author()), object{"title": "only"}.json()).invalid("body /content required")
	c.send("PUT", "/posts/"+nobodysID, by(c.author()), object{"title": "x", "content": "x"}.json()).problem(http.StatusNotFound, "post_not_found")
}

func mergesPatch(c *check) {
	made := c.newPost(object{"title": "title", "content": "content", "published": false})
	for _, step := range []struct {
		patch, title string
		published    bool
	}{{`{"title":"new"}`, "new", false}, {`{}`, "new", false}, {`{"published":true}`, "new", true}, {`{"title":"t","published":false}`, "t", false}} {
		a := c.send("PATCH", made.path(), by(c.author()), patchText(step.patch)).is(http.StatusOK)
		now := a.post()
		c.equal("what the patch makes", []any{step.title, "content", step.published}, []any{now.Title, now.Content, now.Published})
		c.expect(a.header.Get("ETag") != "", "an ETag", "none")
	}
	c.send("PATCH", made.path(), by(c.author()), jsonText(`{}`)).is(http.StatusOK)
}

// notTheirs has a stranger try what only the owner may, and looks that nothing came of it.
func notTheirs(c *check, method string, body option) {
	made := c.newPost(object{})
	for _, condition := range []option{func(*request) {}, header("If-Match", `"0-stale"`)} { // 403 comes before 412
		c.send(method, made.path(), by(c.stranger()), body, condition).problem(http.StatusForbidden, "not_post_owner")
	}
	c.equal("version", 1, c.send("GET", made.path()).is(http.StatusOK).post().Version)
}

func (c *check) votes(p post) int64 { return c.send("GET", p.path()).is(http.StatusOK).post().Votes }

func countsVotes(c *check) {
	made := c.newPost(object{})
	for _, vote := range []struct {
		who   *session
		count int64
	}{{c.stranger(), 1}, {c.stranger(), 1}, {c.author(), 2}} {
		c.send("PUT", made.path()+"/vote", by(vote.who)).is(http.StatusNoContent)
		c.equal("votes", vote.count, c.votes(made))
	}
}

func withdrawsVote(c *check) {
	made := c.newPost(object{})
	vote := func(method string, count int64) {
		c.send(method, made.path()+"/vote", by(c.stranger())).is(http.StatusNoContent)
		c.equal("votes after "+method, count, c.votes(made))
	}
	vote("DELETE", 0)
	vote("PUT", 1)
	vote("DELETE", 0)
	vote("DELETE", 0)
}

func voteless(c *check, method string) {
	c.send(method, "/posts/"+nobodysID+"/vote", by(c.stranger())).problem(http.StatusNotFound, "post_not_found")
}
