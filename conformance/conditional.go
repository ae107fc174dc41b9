package conformance

import (
	"fmt"
	"strings"
)

var conditionalCases = []testCase{
	validCase("GetPost/not-modified", func(c *caseRun) {
		made := c.newPost(nil)
		first := c.get(made.path())
		first.endIfReported(kindHeader, "header ETag ")
		tag := withoutWeakPrefix(first.header.Get("ETag"))
		c.expect(strings.HasPrefix(tag, fmt.Sprintf(`"%d-`, made.Version)), "an ETag that begins with the version", "ETag: "+tag)
		for _, condition := range []string{tag, "W/" + tag, `"conformance", ` + tag, "*"} {
			a := c.send("GET", made.path(), withHeader("If-None-Match", condition)).expectStatus(304)
			c.expectEqual("ETag", tag, withoutWeakPrefix(a.header.Get("ETag")))
		}
		c.get(made.path(), withHeader("If-None-Match", `"conformance"`))
		c.get(made.path(), withHeader("If-None-Match", "conformance"))
		c.vote("PUT", made, c.stranger())
		voted := c.get(made.path(), withHeader("If-None-Match", tag)).header.Get("ETag")
		c.expect(withoutWeakPrefix(voted) != tag, "another ETag after a vote", "the same")
		c.send("PATCH", made.path(), as(c.author()), withMergePatch(`{"title":"edited"}`)).expectStatus(200)
		edited := c.get(made.path(), withHeader("If-None-Match", voted)).header.Get("ETag")
		c.expect(edited != voted, "another ETag after an edit", "the same")
	}),
	validCase("UpdatePost/if-match", func(c *caseRun) { acceptsIfMatch(c, "PUT", replacement) }),
	validCase("PatchPost/if-match", func(c *caseRun) { acceptsIfMatch(c, "PATCH", newTitle) }),
	// Compressing proxies change ETags in these ways.
	validCase("UpdatePost/behind-a-proxy", func(c *caseRun) {
		made := c.newPost(nil)
		for _, rewrite := range []func(tag string) string{
			func(tag string) string { return "W/" + tag },
			func(tag string) string { return strings.TrimSuffix(tag, `"`) + `-gzip"` },
			func(tag string) string { return "W/" + strings.TrimSuffix(tag, `"`) + `;gzip"` },
		} {
			tag := rewrite(withoutWeakPrefix(c.tagOf(made)))
			c.send("GET", made.path(), withHeader("If-None-Match", tag)).expectStatus(304)
			c.send("PUT", made.path(), as(c.author()), replacement, withHeader("If-Match", tag)).expectStatus(200)
		}
	}).at(Hardening),
	invalidCase("UpdatePost/if-none-match", func(c *caseRun) { rejectsIfNoneMatch(c, "PUT", replacement) }).at(Hardening),
	invalidCase("PatchPost/if-none-match", func(c *caseRun) { rejectsIfNoneMatch(c, "PATCH", newTitle) }).at(Hardening),
	invalidCase("DeletePost/if-none-match", func(c *caseRun) { rejectsIfNoneMatch(c, "DELETE", nil) }).at(Hardening),
	validCase("PatchPost/empty", func(c *caseRun) {
		made := c.newPost(nil)
		tag := c.tagOf(made)
		c.send("PATCH", made.path(), as(c.author()), withMergePatch(`{}`)).expectStatus(200)
		c.send("GET", made.path(), withHeader("If-None-Match", tag)).expectStatus(304)
	}),
	invalidCase("DeleteCurrentUser/if-match", func(c *caseRun) {
		s := c.stranger()
		c.send("DELETE", "/users/me", as(s), withHeader("If-Match", `"conformance"`)).expectProblem(412, "precondition_failed")
		c.get("/users/me", as(s))
	}),
	validCase("DeletePost/if-match", func(c *caseRun) { acceptsIfMatch(c, "DELETE", nil) }),
	invalidCase("UpdatePost/stale", func(c *caseRun) { rejectsStaleTag(c, "PUT", replacement) }),
	invalidCase("PatchPost/stale", func(c *caseRun) { rejectsStaleTag(c, "PATCH", newTitle) }),
	invalidCase("DeletePost/stale", func(c *caseRun) { rejectsStaleTag(c, "DELETE", nil) }),
}

// tagOf returns the ETag of a post as everybody sees it now.
func (c *caseRun) tagOf(p post) string { return c.get(p.path()).header.Get("ETag") }

// withoutWeakPrefix returns a tag without the prefix W/, which a compressing proxy may have added.
func withoutWeakPrefix(tag string) string { return strings.TrimPrefix(tag, "W/") }

// acceptsIfMatch writes with the ETag that was read, although another user has voted since then.
func acceptsIfMatch(c *caseRun, method string, body option) {
	made := c.newPost(nil)
	tag := c.tagOf(made)
	c.vote("PUT", made, c.stranger())
	a := c.send(method, made.path(), as(c.author()), body, withHeader("If-Match", `"conformance", `+tag))
	c.expect(a.status/100 == 2, "success: a vote does not change the version", a)
	if method == "DELETE" {
		return
	}
	tag = a.header.Get("ETag")
	c.send("GET", made.path(), as(c.author()), withHeader("If-None-Match", tag)).expectStatus(304)
	c.send(method, made.path(), as(c.author()), body, withHeader("If-Match", tag)).expectStatus(200)
	c.send(method, made.path(), as(c.author()), body, withHeader("If-Match", "*")).expectStatus(200)
}

// rejectsIfNoneMatch writes on the condition that the post does not exist.
func rejectsIfNoneMatch(c *caseRun, method string, body option) {
	made := c.newPost(nil)
	c.send(method, made.path(), as(c.author()), body, withHeader("If-None-Match", "*")).expectProblem(412, "precondition_failed")
	c.expectEqual("version", 1, c.read(made).Version)
}

// rejectsStaleTag writes with an outdated ETag and checks that the post has not changed.
func rejectsStaleTag(c *caseRun, method string, body option) {
	made := c.newPost(nil)
	tag := c.tagOf(made)
	c.send("PATCH", made.path(), as(c.author()), withMergePatch(`{"content":"edited"}`)).expectStatus(200)
	writeIf := func(condition string) *answer {
		return c.send(method, made.path(), as(c.author()), body, withHeader("If-Match", condition))
	}
	for _, condition := range []string{tag, "W/" + withoutWeakPrefix(tag), `"conformance"`} {
		writeIf(condition).expectProblem(412, "precondition_failed")
	}
	writeIf("conformance").expectInvalid("header If-Match format")
	now := c.read(made)
	c.expectEqual("content and version", []any{"edited", 2}, []any{now.Content, now.Version})
}
