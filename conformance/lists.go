package conformance

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

var listCases = []testCase{
	validCase("ListPosts/public", func(c *caseRun) {
		c.send("GET", "/posts?limit=5", withHeader("Authorization", "Bearer conformance")).expectProblem(http.StatusUnauthorized, "invalid_token")
		a := c.send("GET", "/posts?limit=5").expectStatus(http.StatusOK)
		c.expect(len(a.decodePosts()) <= 5, "at most 5 posts", len(a.decodePosts()))
	}),
	validCase("ListPosts/pages", pagesWhileWriting),
	validCase("ListPosts/order", ordersPosts),
	validCase("ListPosts/filters", filtersPosts),
	validCase("ListPosts/search", searchesPosts),
	validCase("ListPosts/semicolon", func(c *caseRun) {
		c.send("GET", "/posts?search="+c.runID+";"+c.runID+"&limit=1").expectStatus(http.StatusOK)
	}).at(Hardening),
	validCase("ListPosts/lower-case-time", func(c *caseRun) {
		c.send("GET", "/posts?limit=1&published_after=2026-11-24t09:30:00z").expectStatus(http.StatusOK)
	}),
	invalidCase("ListPosts/parameters", func(c *caseRun) {
		rejectsQueries(c, nil, "/posts?", map[string]string{
			"limit=0": "minimum", "limit=101": "maximum", "limit=x": "type", "limit=1&limit=1": "repeated", "limit=1e999": "type",
			"author=0": "minimum", "author=x": "type", "search=": "min_length", "search=%2A%21": "format", "search=%00": "pattern",
			"published_after=yesterday": "format", "published_before=2026-02-30T00:00:00Z": "format", "order=random": "enum",
			"cursor=": "min_length", "cursor=conformance": "format", "offset=1": "unknown",
		})
		c.send("GET", "/posts?limit=0&order=random&offset=1").expectInvalid("query order enum", "query limit minimum", "query offset unknown")
	}),
	invalidCase("ListPosts/cursor", func(c *caseRun) {
		c.newPost(object{})
		c.newPost(object{})
		bindsCursors(c, fmt.Sprintf("/posts?author=%d&limit=1", c.author().account.ID), c.author(), "/posts?limit=1", "/posts?limit=1&order=oldest")
	}),
	validCase("ListOwnPosts/lists", listsOwn),
	validCase("ListOwnPosts/pages", func(c *caseRun) {
		var made []int64
		for i := range 3 {
			made = append(made, c.newPost(object{"published": i%2 == 0}).ID)
		}
		slices.Reverse(made)
		actual, _ := c.follow("/users/me/posts?limit=2", "next", 2, withToken(c.author()))
		c.expectEqual("the three newest posts", made, actual[:min(len(actual), 3)])
	}),
	invalidCase("ListOwnPosts/parameters", func(c *caseRun) {
		rejectsQueries(c, c.stranger(), "/users/me/posts?", map[string]string{
			"limit=0": "minimum", "published=yes": "type", "search=x": "unknown", "cursor=conformance": "format",
		})
	}),
	invalidCase("ListOwnPosts/cursor", func(c *caseRun) {
		c.newPost(object{})
		c.newPost(object{})
		bindsCursors(c, "/users/me/posts?limit=1", c.author(), "/users/me/posts?limit=1&published=true", "/posts?limit=1")
	}),
}

// follow reads at most the given number of pages by following the links of one relation. It returns the identifiers of
// the posts and the number of pages.
func (c *caseRun) follow(path, rel string, pages int, options ...option) (ids []int64, read int) {
	for ; path != "" && read < pages; read++ {
		a := c.send("GET", path, options...).expectStatus(http.StatusOK)
		ids = append(ids, idsOf(a.decodePosts())...)
		path = a.link(rel)
	}
	return ids, read
}

func idsOf(posts []post) (ids []int64) {
	for _, p := range posts {
		ids = append(ids, p.ID)
	}
	return ids
}

// publishedAt returns the time of the first publication. It ends the case if the post has none.
func (c *caseRun) publishedAt(p post) string {
	c.prepare("CreatePost/publishes", func() { c.expect(p.PublishedAt != nil, "a published post with published_at", "none") })
	return *p.PublishedAt
}

// authorList returns the path of the list of the author's posts from the first one on.
func (c *caseRun) authorList(first post) string {
	return fmt.Sprintf("/posts?author=%d&published_after=%s", c.author().account.ID, url.QueryEscape(c.publishedAt(first)))
}

func (c *caseRun) newPosts(n int) (made []post) {
	for range n {
		made = append(made, c.newPost(object{}))
	}
	return made
}

const maxPages = 50

// pagesWhileWriting reads a list forwards and backwards while posts are created, changed and deleted.
func pagesWhileWriting(c *caseRun) {
	made := c.newPosts(7)
	expected := idsOf(made)
	slices.Reverse(expected)
	path, last := c.authorList(made[0])+"&limit=2", ""
	var actual []int64
	for page := 0; path != "" && page < maxPages; page++ {
		last = path
		a := c.send("GET", path).expectStatus(http.StatusOK)
		c.expect(len(a.decodePosts()) <= 2, "at most 2 posts a page", len(a.decodePosts()))
		actual, path = append(actual, idsOf(a.decodePosts())...), a.link("next")
		extra := c.newPost(object{})
		c.send("PATCH", made[0].path(), withToken(c.author()), withMergePatch(`{"content":"edited meanwhile"}`)).expectStatus(http.StatusOK)
		c.send("DELETE", extra.path(), withToken(c.author())).expectStatus(http.StatusNoContent)
		if page == 0 {
			c.newPost(object{})
		}
	}
	c.expectEqual("posts on all pages, each once", expected, actual)
	back := c.send("GET", last).expectStatus(http.StatusOK).link("prev")
	c.expect(back != "", "a link to the previous page on the last one", "none")
	before, _ := c.follow(back, "prev", maxPages)
	for _, id := range expected[:len(expected)-1] {
		count := 0
		for _, seen := range before {
			if seen == id {
				count++
			}
		}
		c.expectEqual(fmt.Sprintf("number of times that post %d is on the previous pages", id), 1, count)
	}
}

func ordersPosts(c *caseRun) {
	made := c.newPosts(3)
	path := c.authorList(made[0])
	oldest, _ := c.follow(path+"&order=oldest&limit=2", "next", maxPages)
	c.expectEqual("oldest first", idsOf(made), oldest)
	newest, _ := c.follow(path+"&order=newest&limit=2", "next", maxPages)
	slices.Reverse(newest)
	c.expectEqual("newest first, reversed", idsOf(made), newest)
}

func filtersPosts(c *caseRun) {
	made := c.newPosts(3)
	after, before := c.authorList(made[1]), "&published_before="+url.QueryEscape(c.publishedAt(made[2]))
	ids, _ := c.follow(after+before, "next", maxPages)
	c.expect(slices.Contains(ids, made[1].ID) && !slices.Contains(ids, made[2].ID), "published_after to be inclusive and published_before exclusive", ids)
	nobodys := c.send("GET", "/posts?author="+unusedID).expectStatus(http.StatusOK).decodePosts()
	c.expectEqual("posts of nobody", 0, len(nobodys))
	theirs := c.send("GET", fmt.Sprintf("/posts?author=%d", c.stranger().account.ID)).expectStatus(http.StatusOK).decodePosts()
	for _, p := range theirs {
		c.expectEqual("author", c.stranger().account.ID, p.OwnerID)
	}
}

// searchesPosts searches for a word that occurs in no other post.
func searchesPosts(c *caseRun) {
	word := "conformance" + randomText()
	found := c.newPost(object{"title": "Ünïcode, " + word, "content": "One two\nthree <b>four</b>. ada@" + emailDomain})
	other := c.newPost(object{"title": "Other", "content": word + " two one 日本語"})
	c.newPost(object{"title": word + " draft", "published": false})
	both := []int64{other.ID, found.ID}
	for query, expected := range sorted(map[string][]int64{
		word: both, word[:len(word)-2] + "*": both, "UNICODE " + word: {found.ID}, word + ` "one TWO three"`: {found.ID},
		word + ` "two one"`: {other.ID}, word + " ada@" + emailDomain: {found.ID}, word + " 日本": {other.ID}, word + " four": {found.ID},
		word[:len(word)-2]: nil, word + " draft": nil, word + " five": nil, word + ` "three two"`: nil, word + " OR five": nil,
	}) {
		ids, _ := c.follow("/posts?limit=1&search="+url.QueryEscape(query), "next", maxPages)
		c.expectEqual("hits of "+query, expected, ids)
	}
}

// rejectsQueries sends queries one by one. Each must be rejected because of its first parameter.
func rejectsQueries(c *caseRun, s *session, path string, queries map[string]string) {
	for query, code := range sorted(queries) {
		name, _, _ := strings.Cut(query, "=")
		options := []option{}
		if s != nil {
			options = append(options, withToken(s))
		}
		c.send("GET", path+query, options...).expectInvalid("query " + name + " " + code)
	}
}

// bindsCursors uses a cursor with other lists, and in a changed form. The list needs at least two posts.
func bindsCursors(c *caseRun, path string, s *session, others ...string) {
	next, err := url.Parse(c.send("GET", path, withToken(s)).expectStatus(http.StatusOK).link("next"))
	cursor := ""
	if err == nil {
		cursor = next.Query().Get("cursor")
	}
	c.expect(cursor != "", "a cursor in the link to the next page", "none")
	for _, other := range others {
		c.send("GET", other+"&cursor="+cursor, withToken(s)).expectInvalid("query cursor format")
	}
	for _, forged := range []string{tampered(cursor), cursor + "A", cursor[:len(cursor)-4]} {
		c.send("GET", path+"&cursor="+forged, withToken(s)).expectInvalid("query cursor format")
	}
}

func listsOwn(c *caseRun) {
	s := c.author()
	published, draft := c.newPost(object{}), c.newPost(object{"published": false})
	for query, expected := range sorted(map[string]func([]int64) bool{
		"": func(ids []int64) bool { return len(ids) >= 2 && ids[0] == draft.ID && ids[1] == published.ID },
		"published=true": func(ids []int64) bool {
			return len(ids) >= 1 && ids[0] == published.ID && !slices.Contains(ids, draft.ID)
		},
		"published=false": func(ids []int64) bool {
			return len(ids) >= 1 && ids[0] == draft.ID && !slices.Contains(ids, published.ID)
		},
	}) {
		a := c.send("GET", "/users/me/posts?limit=10&"+query, withToken(s)).expectStatus(http.StatusOK)
		c.expect(expected(idsOf(a.decodePosts())), fmt.Sprintf("the newest posts of the caller first, with the query %q", query), idsOf(a.decodePosts()))
	}
	for _, p := range c.send("GET", "/users/me/posts?limit=100", withToken(c.stranger())).expectStatus(http.StatusOK).decodePosts() {
		c.expectEqual("owner", c.stranger().account.ID, p.OwnerID)
	}
}
