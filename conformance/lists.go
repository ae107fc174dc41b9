package conformance

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

var listCases = []testCase{
	good("ListPosts/public", func(c *check) {
		a := c.send("GET", "/posts?limit=5", header("Authorization", "Bearer conformance")).is(http.StatusOK)
		c.expect(len(a.posts()) <= 5, "5 posts at most", len(a.posts()))
	}),
	good("ListPosts/pages", pagesWhileWriting),
	good("ListPosts/order", ordersPosts),
	good("ListPosts/filters", filtersPosts),
	good("ListPosts/search", searchesPosts),
	good("ListPosts/semicolon", func(c *check) {
		c.send("GET", "/posts?search="+c.mark+";"+c.mark+"&limit=1").is(http.StatusOK)
	}),
	good("ListPosts/lower-case-time", func(c *check) {
		c.send("GET", "/posts?limit=1&published_after=2026-11-24t09:30:00z").is(http.StatusOK)
	}),
	bad("ListPosts/parameters", func(c *check) {
		refuses(c, nil, "/posts?", map[string]string{
			"limit=0": "minimum", "limit=101": "maximum", "limit=x": "type", "limit=1&limit=1": "repeated", "limit=1e999": "type",
			"author=0": "minimum", "author=x": "type", "search=": "min_length", "search=%2A%21": "format", "search=%00": "pattern",
			"published_after=yesterday": "format", "published_before=2026-02-30T00:00:00Z": "format", "order=random": "enum",
			"cursor=": "min_length", "cursor=conformance": "format", "offset=1": "unknown",
		})
		c.send("GET", "/posts?limit=0&order=random&offset=1").invalid("query order enum", "query limit minimum", "query offset unknown")
	}),
	bad("ListPosts/cursor", func(c *check) {
		c.newPost(object{})
		c.newPost(object{})
		bindsCursors(c, fmt.Sprintf("/posts?author=%d&limit=1", c.author().person.ID), c.author(), "/posts?limit=1", "/posts?limit=1&order=oldest")
	}),
	good("ListOwnPosts/lists", listsOwn),
	good("ListOwnPosts/pages", func(c *check) {
		var made []int64
		for i := range 3 {
			made = append(made, c.newPost(object{"published": i%2 == 0}).ID)
		}
		slices.Reverse(made)
		came, _ := c.follow("/users/me/posts?limit=2", "next", 2, by(c.author()))
		c.equal("the newest three", made, came[:min(len(came), 3)])
	}),
	bad("ListOwnPosts/parameters", func(c *check) {
		refuses(c, c.stranger(), "/users/me/posts?", map[string]string{
			"limit=0": "minimum", "published=yes": "type", "search=x": "unknown", "cursor=conformance": "format",
		})
	}),
	bad("ListOwnPosts/cursor", func(c *check) {
		c.newPost(object{})
		c.newPost(object{})
		bindsCursors(c, "/users/me/posts?limit=1", c.author(), "/users/me/posts?limit=1&published=true", "/posts?limit=1")
	}),
}

// follow reads up to so many pages by the links of one relation, and returns what they hold and how many they were.
func (c *check) follow(path, rel string, pages int, options ...option) (ids []int64, read int) {
	for ; path != "" && read < pages; read++ {
		a := c.send("GET", path, options...).is(http.StatusOK)
		ids = append(ids, idsOf(a.posts())...)
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

// ownList is the path of the list of what the author published from a post on.
func (c *check) ownList(first post) string {
	return fmt.Sprintf("/posts?author=%d&published_after=%s", c.author().person.ID, url.QueryEscape(*first.PublishedAt))
}

func (c *check) newPosts(n int) (made []post) {
	for range n {
		made = append(made, c.newPost(object{}))
	}
	return made
}

const maxPages = 50

// pagesWhileWriting reads a list forwards and back, while posts are added, edited and deleted.
func pagesWhileWriting(c *check) {
	made := c.newPosts(7)
	expected := idsOf(made)
	slices.Reverse(expected)
	path, last := c.ownList(made[0])+"&limit=2", ""
	var came []int64
	for page := 0; path != "" && page < maxPages; page++ {
		last = path
		a := c.send("GET", path).is(http.StatusOK)
		c.expect(len(a.posts()) <= 2, "2 posts a page at most", len(a.posts()))
		came, path = append(came, idsOf(a.posts())...), a.link("next")
		extra := c.newPost(object{})
		c.send("PATCH", made[0].path(), by(c.author()), patchText(`{"content":"edited meanwhile"}`)).is(http.StatusOK)
		c.send("DELETE", extra.path(), by(c.author())).is(http.StatusNoContent)
		if page == 0 {
			c.newPost(object{})
		}
	}
	c.equal("posts on all pages, each once", expected, came)
	back := c.send("GET", last).is(http.StatusOK).link("prev")
	c.expect(back != "", "a link to the previous page on the last one", "none")
	before, _ := c.follow(back, "prev", maxPages)
	for _, id := range expected[:len(expected)-1] {
		count := 0
		for _, seen := range before {
			if seen == id {
				count++
			}
		}
		c.equal(fmt.Sprintf("how often post %d is on the pages before", id), 1, count)
	}
}

func ordersPosts(c *check) {
	made := c.newPosts(3)
	path := c.ownList(made[0])
	oldest, _ := c.follow(path+"&order=oldest&limit=2", "next", maxPages)
	c.equal("oldest first", idsOf(made), oldest)
	newest, _ := c.follow(path+"&order=newest&limit=2", "next", maxPages)
	slices.Reverse(newest)
	c.equal("newest first, reversed", idsOf(made), newest)
}

func filtersPosts(c *check) {
	made := c.newPosts(3)
	after, before := c.ownList(made[1]), "&published_before="+url.QueryEscape(*made[2].PublishedAt)
	ids, _ := c.follow(after+before, "next", maxPages)
	c.expect(slices.Contains(ids, made[1].ID) && !slices.Contains(ids, made[2].ID), "published_after to be inclusive and published_before exclusive", ids)
	nobodys := c.send("GET", "/posts?author="+nobodysID).is(http.StatusOK).posts()
	c.equal("posts of nobody", 0, len(nobodys))
	theirs := c.send("GET", fmt.Sprintf("/posts?author=%d", c.stranger().person.ID)).is(http.StatusOK).posts()
	for _, p := range theirs {
		c.equal("author", c.stranger().person.ID, p.OwnerID)
	}
}

// searchesPosts looks for a word that is in no other post.
func searchesPosts(c *check) {
	word := "zq" + randomText()
	found := c.newPost(object{"title": "Ünïcode, " + word, "content": "One two\nthree <b>four</b>. ada@" + domain})
	other := c.newPost(object{"title": "Other", "content": word + " two one 日本語"})
	c.newPost(object{"title": word + " draft", "published": false})
	both := []int64{other.ID, found.ID}
	for query, expected := range map[string][]int64{
		word: both, word[:len(word)-2] + "*": both, "UNICODE " + word: {found.ID}, word + ` "one TWO three"`: {found.ID},
		word + ` "two one"`: {other.ID}, word + " ada@" + domain: {found.ID}, word + " 日本": {other.ID}, word + " four": {found.ID},
		word[:len(word)-2]: nil, word + " draft": nil, word + " five": nil, word + ` "three two"`: nil, word + " OR five": nil,
	} {
		ids, _ := c.follow("/posts?limit=1&search="+url.QueryEscape(query), "next", maxPages)
		c.equal("hits of "+query, expected, ids)
	}
}

// refuses tries queries one by one: each must be refused for its first parameter.
func refuses(c *check, s *session, path string, queries map[string]string) {
	for query, code := range queries {
		name, _, _ := strings.Cut(query, "=")
		options := []option{}
		if s != nil {
			options = append(options, by(s))
		}
		c.send("GET", path+query, options...).invalid("query " + name + " " + code)
	}
}

// bindsCursors takes a cursor from a list of at least two posts to other lists, and changes it.
func bindsCursors(c *check, path string, s *session, others ...string) {
	next, err := url.Parse(c.send("GET", path, by(s)).is(http.StatusOK).link("next"))
	cursor := ""
	if err == nil {
		cursor = next.Query().Get("cursor")
	}
	c.expect(cursor != "", "a cursor in the link to the next page", next)
	for _, other := range others {
		c.send("GET", other+"&cursor="+cursor, by(s)).invalid("query cursor format")
	}
	for _, forged := range []string{tampered(cursor), cursor + "A", cursor[:len(cursor)-4]} {
		c.send("GET", path+"&cursor="+forged, by(s)).invalid("query cursor format")
	}
}

func listsOwn(c *check) {
	s := c.author()
	published, draft := c.newPost(object{}), c.newPost(object{"published": false})
	for query, expected := range map[string]func([]int64) bool{
		"": func(ids []int64) bool { return len(ids) >= 2 && ids[0] == draft.ID && ids[1] == published.ID },
		"published=true": func(ids []int64) bool {
			return len(ids) >= 1 && ids[0] == published.ID && !slices.Contains(ids, draft.ID)
		},
		"published=false": func(ids []int64) bool {
			return len(ids) >= 1 && ids[0] == draft.ID && !slices.Contains(ids, published.ID)
		},
	} {
		a := c.send("GET", "/users/me/posts?limit=10&"+query, by(s)).is(http.StatusOK)
		c.expect(expected(idsOf(a.posts())), "one's own newest posts first, with "+query, idsOf(a.posts()))
	}
	for _, p := range c.send("GET", "/users/me/posts?limit=100", by(c.stranger())).is(http.StatusOK).posts() {
		c.equal("owner", c.stranger().person.ID, p.OwnerID)
	}
}
