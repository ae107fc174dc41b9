package conformance

import (
	"fmt"
	"net/http"
	"strings"
)

var conditionalCases = []testCase{
	good("GetPost/not-modified", notModified),
	good("UpdatePost/if-match", func(c *check) { matches(c, "PUT", object{"title": "new", "content": "new"}.json()) }),
	good("PatchPost/if-match", func(c *check) { matches(c, "PATCH", patchText(`{"title":"new"}`)) }),
	good("UpdatePost/behind-a-proxy", behindProxy),
	bad("UpdatePost/if-none-match", func(c *check) { unlessThere(c, "PUT", object{"title": "new", "content": "new"}.json()) }),
	bad("PatchPost/if-none-match", func(c *check) { unlessThere(c, "PATCH", patchText(`{"title":"new"}`)) }),
	bad("DeletePost/if-none-match", func(c *check) { unlessThere(c, "DELETE", func(*request) {}) }),
	good("PatchPost/empty", emptyPatch),
	bad("DeleteCurrentUser/if-match", func(c *check) {
		s := c.stranger()
		c.send("DELETE", "/users/me", by(s), header("If-Match", `"conformance"`)).problem(http.StatusPreconditionFailed, "precondition_failed")
		c.send("GET", "/users/me", by(s)).is(http.StatusOK)
	}),
	good("DeletePost/if-match", func(c *check) { matches(c, "DELETE", func(*request) {}) }),
	bad("UpdatePost/stale", func(c *check) { stale(c, "PUT", object{"title": "new", "content": "new"}.json()) }),
	bad("PatchPost/stale", func(c *check) { stale(c, "PATCH", patchText(`{"title":"new"}`)) }),
	bad("DeletePost/stale", func(c *check) { stale(c, "DELETE", func(*request) {}) }),
}

func notModified(c *check) {
	made := c.newPost(object{})
	first := c.send("GET", made.path()).is(http.StatusOK)
	tag := strong(first.header.Get("ETag"))
	c.expect(strings.HasPrefix(tag, fmt.Sprintf(`"%d-`, made.Version)), "an ETag that begins with the version", "ETag: "+tag)
	for _, condition := range []string{tag, "W/" + tag, `"conformance", ` + tag, "*"} {
		c.send("GET", made.path(), header("If-None-Match", condition)).is(http.StatusNotModified)
		c.equal("ETag", tag, strong(c.last.header.Get("ETag")))
	}
	c.send("GET", made.path(), header("If-None-Match", `"conformance"`)).is(http.StatusOK)
	c.send("GET", made.path(), header("If-None-Match", "conformance")).is(http.StatusOK)
	c.send("PUT", made.path()+"/vote", by(c.stranger())).is(http.StatusNoContent)
	voted := c.send("GET", made.path(), header("If-None-Match", tag)).is(http.StatusOK)
	c.expect(strong(voted.header.Get("ETag")) != tag, "another ETag after a vote", "the same")
	c.send("PATCH", made.path(), by(c.author()), patchText(`{"title":"edited"}`)).is(http.StatusOK)
	edited := c.send("GET", made.path(), header("If-None-Match", voted.header.Get("ETag"))).is(http.StatusOK)
	c.expect(edited.header.Get("ETag") != voted.header.Get("ETag"), "another ETag after an edit", "the same")
}

// strong returns the tag that a compressing proxy may have made weak.
func strong(tag string) string { return strings.TrimPrefix(tag, "W/") }

// matches edits what was read, although a stranger has voted since.
func matches(c *check, method string, body option) {
	made := c.newPost(object{})
	tag := c.send("GET", made.path()).is(http.StatusOK).header.Get("ETag")
	c.send("PUT", made.path()+"/vote", by(c.stranger())).is(http.StatusNoContent)
	a := c.send(method, made.path(), by(c.author()), body, header("If-Match", `"conformance", `+tag))
	c.expect(a.status/100 == 2, "success: a vote is no edit", a)
	if method == "DELETE" {
		return
	}
	tag = a.header.Get("ETag")
	c.send("GET", made.path(), header("If-None-Match", tag)).is(http.StatusNotModified)
	c.send(method, made.path(), by(c.author()), body, header("If-Match", tag)).is(http.StatusOK)
	c.send(method, made.path(), by(c.author()), body, header("If-Match", "*")).is(http.StatusOK)
}

// behindProxy edits with what compressing proxies make of a tag.
func behindProxy(c *check) {
	made := c.newPost(object{})
	for _, rewrite := range []func(tag string) string{
		func(tag string) string { return "W/" + tag },
		func(tag string) string { return strings.TrimSuffix(tag, `"`) + `-gzip"` },
		func(tag string) string { return "W/" + strings.TrimSuffix(tag, `"`) + `;gzip"` },
	} {
		tag := rewrite(strong(c.send("GET", made.path()).is(http.StatusOK).header.Get("ETag")))
		c.send("GET", made.path(), header("If-None-Match", tag)).is(http.StatusNotModified)
		c.send("PUT", made.path(), by(c.author()), object{"title": "new", "content": "new"}.json(), header("If-Match", tag)).is(http.StatusOK)
	}
}

// unlessThere asks for a write unless there is a post.
func unlessThere(c *check, method string, body option) {
	made := c.newPost(object{})
	c.send(method, made.path(), by(c.author()), body, header("If-None-Match", "*")).problem(http.StatusPreconditionFailed, "precondition_failed")
	c.equal("version", 1, c.send("GET", made.path()).is(http.StatusOK).post().Version)
}

func emptyPatch(c *check) {
	made := c.newPost(object{})
	tag := c.send("GET", made.path()).is(http.StatusOK).header.Get("ETag")
	c.send("PATCH", made.path(), by(c.author()), patchText(`{}`)).is(http.StatusOK)
	c.send("GET", made.path(), header("If-None-Match", tag)).is(http.StatusNotModified)
}

// stale tries to change what somebody has changed meanwhile, and looks that nothing came of it.
func stale(c *check, method string, body option) {
	made := c.newPost(object{})
	tag := c.send("GET", made.path()).is(http.StatusOK).header.Get("ETag")
	c.send("PATCH", made.path(), by(c.author()), patchText(`{"content":"edited"}`)).is(http.StatusOK)
	for _, condition := range []string{tag, "W/" + strong(tag), `"conformance"`} {
		c.send(method, made.path(), by(c.author()), body, header("If-Match", condition)).problem(http.StatusPreconditionFailed, "precondition_failed")
	}
	c.send(method, made.path(), by(c.author()), body, header("If-Match", "conformance")).invalid("header If-Match format")
	now := c.send("GET", made.path()).is(http.StatusOK).post()
	c.equal("content and version", []any{"edited", 2}, []any{now.Content, now.Version})
}
