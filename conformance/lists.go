package conformance

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
)

var listCases = []testCase{
	validCase("ListPosts/public", func(c *caseRun) {
		c.send("GET", "/posts?limit=5", withHeader("Authorization", "Bearer conformance")).expectProblem(401, "invalid_token")
		n := len(decode[[]post](c.get("/posts?limit=5")))
		c.expect(n <= 5, "at most 5 posts", n)
	}),
	// The list is read forwards and backwards while posts are created, changed and deleted.
	validCase("ListPosts/pages", func(c *caseRun) {
		made := c.newPosts(7)
		expected := idsOf(made)
		slices.Reverse(expected)
		path, last := c.authorList(made[0])+"&limit=2", ""
		var actual []int64
		for page := 0; path != "" && page < maxPages; page++ {
			last = path
			a := c.get(path)
			ids := idsOf(decode[[]post](a))
			c.expect(len(ids) <= 2, "at most 2 posts a page", len(ids))
			actual, path = append(actual, ids...), a.link("next")
			extra := c.newPost(nil)
			c.send("PATCH", made[0].path(), as(c.author()), withMergePatch(`{"content":"edited meanwhile"}`)).expectStatus(200)
			c.send("DELETE", extra.path(), as(c.author())).expectStatus(204)
			if page == 0 {
				c.newPost(nil)
			}
		}
		c.expectEqual("posts on all pages, each once", expected, actual)
		back := c.get(last).link("prev")
		c.expect(back != "", "a link to the previous page on the last one", "none")
		count := map[int64]int{}
		for _, id := range c.follow(back, "prev", maxPages) {
			count[id]++
		}
		for _, id := range expected[:len(expected)-1] {
			c.expectEqual(fmt.Sprintf("number of times that post %d is on the previous pages", id), 1, count[id])
		}
	}),
	validCase("ListPosts/order", func(c *caseRun) {
		made := c.newPosts(3)
		path := c.authorList(made[0])
		c.expectEqual("oldest first", idsOf(made), c.follow(path+"&order=oldest&limit=2", "next", maxPages))
		newest := c.follow(path+"&order=newest&limit=2", "next", maxPages)
		slices.Reverse(newest)
		c.expectEqual("newest first, reversed", idsOf(made), newest)
	}),
	validCase("ListPosts/filters", func(c *caseRun) {
		made := c.newPosts(3)
		ids := c.follow(c.authorList(made[1])+"&published_before="+url.QueryEscape(c.publishedAt(made[2])), "next", maxPages)
		c.expect(slices.Contains(ids, made[1].ID) && !slices.Contains(ids, made[2].ID),
			"published_after to be inclusive and published_before exclusive", ids)
		c.expectEqual("posts of nobody", 0, len(decode[[]post](c.get("/posts?author="+unusedID))))
		for _, p := range decode[[]post](c.get(fmt.Sprintf("/posts?author=%d", c.stranger().account.ID))) {
			c.expectEqual("author", c.stranger().account.ID, p.OwnerID)
		}
	}),
	// The word occurs in no other post.
	validCase("ListPosts/search", func(c *caseRun) {
		word := "conformance" + randomText()
		found := c.newPost(object{"title": "Ünïcode, " + word, "content": "One two\nthree <b>four</b>. ada@" + emailDomain})
		other := c.newPost(object{"title": "Other", "content": word + " two one 日本語"})
		c.newPost(object{"title": word + " draft", "published": false})
		both := []int64{other.ID, found.ID}
		for query, expected := range sorted(map[string][]int64{
			word: both, word[:len(word)-2] + "*": both,
			"UNICODE " + word: {found.ID}, word + ` "one TWO three"`: {found.ID}, word + " ada@" + emailDomain: {found.ID},
			word + " four": {found.ID}, word + ` "two one"`: {other.ID}, word + " 日本": {other.ID},
			word[:len(word)-2]: nil, word + " draft": nil, word + " five": nil, word + ` "three two"`: nil, word + " OR five": nil,
		}) {
			ids := c.follow("/posts?limit=1&search="+url.QueryEscape(query), "next", maxPages)
			c.expectEqual("hits of "+query, expected, ids)
		}
	}),
	validCase("ListPosts/semicolon", func(c *caseRun) { c.get("/posts?search=" + c.runID + ";" + c.runID + "&limit=1") }).at(Hardening),
	validCase("ListPosts/lower-case-time", func(c *caseRun) { c.get("/posts?limit=1&published_after=2026-11-24t09:30:00z") }),
	invalidCase("ListPosts/parameters", func(c *caseRun) {
		rejectsQueries(c, nil, "/posts?", map[string]string{
			"limit=0": "minimum", "limit=101": "maximum", "limit=x": "type", "limit=1&limit=1": "repeated", "limit=1e999": "type",
			"author=0": "minimum", "author=x": "type", "search=": "min_length", "search=%2A%21": "format", "search=%00": "pattern",
			"published_after=yesterday": "format", "published_before=2026-02-30T00:00:00Z": "format", "order=random": "enum",
			"cursor=": "min_length", "cursor=conformance": "format", "offset=1": "unknown",
		})
		c.send("GET", "/posts?limit=0&order=random&offset=1").
			expectInvalid("query order enum", "query limit minimum", "query offset unknown")
	}),
	invalidCase("ListPosts/cursor", func(c *caseRun) {
		c.newPosts(2)
		list := fmt.Sprintf("/posts?author=%d&limit=1", c.author().account.ID)
		bindsCursors(c, list, "/posts?limit=1", "/posts?limit=1&order=oldest")
	}),
	validCase("ListOwnPosts/lists", func(c *caseRun) {
		published, draft := c.newPost(nil).ID, c.newPost(object{"published": false}).ID
		for _, list := range []struct {
			query           string
			newest, without []int64
		}{
			{"", []int64{draft, published}, nil},
			{"published=false", []int64{draft}, []int64{published}},
			{"published=true", []int64{published}, []int64{draft}},
		} {
			ids := idsOf(decode[[]post](c.get("/users/me/posts?limit=10&"+list.query, as(c.author()))))
			begins := len(ids) >= len(list.newest) && slices.Equal(ids[:len(list.newest)], list.newest)
			unwanted := slices.ContainsFunc(ids, func(id int64) bool { return slices.Contains(list.without, id) })
			c.expect(begins && !unwanted, fmt.Sprintf("the newest posts of the caller first, with the query %q", list.query), ids)
		}
		for _, p := range decode[[]post](c.get("/users/me/posts?limit=100", as(c.stranger()))) {
			c.expectEqual("owner", c.stranger().account.ID, p.OwnerID)
		}
	}),
	validCase("ListOwnPosts/pages", func(c *caseRun) {
		made := []post{c.newPost(nil), c.newPost(object{"published": false}), c.newPost(nil)}
		slices.Reverse(made)
		listed := c.follow("/users/me/posts?limit=2", "next", 2, as(c.author()))
		c.expectEqual("the three newest posts", idsOf(made), listed[:min(len(listed), 3)])
	}),
	invalidCase("ListOwnPosts/parameters", func(c *caseRun) {
		rejectsQueries(c, c.stranger(), "/users/me/posts?", map[string]string{
			"limit=0": "minimum", "published=yes": "type", "search=x": "unknown", "cursor=conformance": "format",
		})
	}),
	invalidCase("ListOwnPosts/cursor", func(c *caseRun) {
		c.newPosts(2)
		bindsCursors(c, "/users/me/posts?limit=1", "/users/me/posts?limit=1&published=true", "/posts?limit=1")
	}),
}

const maxPages = 50

// follow reads at most the given number of pages by following the links of one relation. It returns the identifiers of
// the posts.
func (c *caseRun) follow(path, rel string, pages int, options ...option) (ids []int64) {
	for ; path != "" && pages > 0; pages-- {
		a := c.get(path, options...)
		ids = append(ids, idsOf(decode[[]post](a))...)
		path = a.link(rel)
	}
	return ids
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
		made = append(made, c.newPost(nil))
	}
	return made
}

// rejectsQueries sends queries one by one. Each must be rejected because of its first parameter.
func rejectsQueries(c *caseRun, s *session, path string, queries map[string]string) {
	for query, code := range sorted(queries) {
		name, _, _ := strings.Cut(query, "=")
		c.send("GET", path+query, as(s)).expectInvalid("query " + name + " " + code)
	}
}

// bindsCursors uses a cursor of the author with other lists, and in a changed form. The list needs at least two posts.
func bindsCursors(c *caseRun, path string, others ...string) {
	_, query, _ := strings.Cut(c.get(path, as(c.author())).link("next"), "?")
	values, _ := url.ParseQuery(query)
	cursor := values.Get("cursor")
	c.expect(cursor != "", "a cursor in the link to the next page", "none")
	for _, other := range others {
		c.send("GET", other+"&cursor="+cursor, as(c.author())).expectInvalid("query cursor format")
	}
	for _, forged := range []string{tampered(cursor), cursor + "A", cursor[:len(cursor)-4]} {
		c.send("GET", path+"&cursor="+forged, as(c.author())).expectInvalid("query cursor format")
	}
}
