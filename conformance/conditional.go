package conformance

import (
	"fmt"
	"net/http"
	"strings"
)

var conditionalCases = []testCase{
	validCase("GetPost/not-modified", notModified),
	validCase("UpdatePost/if-match", func(c *caseRun) { acceptsIfMatch(c, "PUT", object{"title": "new", "content": "new"}.json()) }),
	validCase("PatchPost/if-match", func(c *caseRun) { acceptsIfMatch(c, "PATCH", withMergePatch(`{"title":"new"}`)) }),
	validCase("UpdatePost/behind-a-proxy", acceptsRewrittenTags).at(Hardening),
	invalidCase("UpdatePost/if-none-match", func(c *caseRun) { rejectsIfNoneMatch(c, "PUT", object{"title": "new", "content": "new"}.json()) }).at(Hardening),
	invalidCase("PatchPost/if-none-match", func(c *caseRun) { rejectsIfNoneMatch(c, "PATCH", withMergePatch(`{"title":"new"}`)) }).at(Hardening),
	invalidCase("DeletePost/if-none-match", func(c *caseRun) { rejectsIfNoneMatch(c, "DELETE", func(*request) {}) }).at(Hardening),
	validCase("PatchPost/empty", emptyPatch),
	invalidCase("DeleteCurrentUser/if-match", func(c *caseRun) {
		s := c.stranger()
		c.send("DELETE", "/users/me", withToken(s), withHeader("If-Match", `"conformance"`)).expectProblem(http.StatusPreconditionFailed, "precondition_failed")
		c.send("GET", "/users/me", withToken(s)).expectStatus(http.StatusOK)
	}),
	validCase("DeletePost/if-match", func(c *caseRun) { acceptsIfMatch(c, "DELETE", func(*request) {}) }),
	invalidCase("UpdatePost/stale", func(c *caseRun) { rejectsStaleTag(c, "PUT", object{"title": "new", "content": "new"}.json()) }),
	invalidCase("PatchPost/stale", func(c *caseRun) { rejectsStaleTag(c, "PATCH", withMergePatch(`{"title":"new"}`)) }),
	invalidCase("DeletePost/stale", func(c *caseRun) { rejectsStaleTag(c, "DELETE", func(*request) {}) }),
}

func notModified(c *caseRun) {
	made := c.newPost(object{})
	first := c.send("GET", made.path()).expectStatus(http.StatusOK)
	first.endIfReported(kindHeader, "header ETag ")
	tag := withoutWeakPrefix(first.header.Get("ETag"))
	c.expect(strings.HasPrefix(tag, fmt.Sprintf(`"%d-`, made.Version)), "an ETag that begins with the version", "ETag: "+tag)
	for _, condition := range []string{tag, "W/" + tag, `"conformance", ` + tag, "*"} {
		c.send("GET", made.path(), withHeader("If-None-Match", condition)).expectStatus(http.StatusNotModified)
		c.expectEqual("ETag", tag, withoutWeakPrefix(c.last.header.Get("ETag")))
	}
	c.send("GET", made.path(), withHeader("If-None-Match", `"conformance"`)).expectStatus(http.StatusOK)
	c.send("GET", made.path(), withHeader("If-None-Match", "conformance")).expectStatus(http.StatusOK)
	c.send("PUT", made.path()+"/vote", withToken(c.stranger())).expectStatus(http.StatusNoContent)
	voted := c.send("GET", made.path(), withHeader("If-None-Match", tag)).expectStatus(http.StatusOK)
	c.expect(withoutWeakPrefix(voted.header.Get("ETag")) != tag, "another ETag after a vote", "the same")
	c.send("PATCH", made.path(), withToken(c.author()), withMergePatch(`{"title":"edited"}`)).expectStatus(http.StatusOK)
	edited := c.send("GET", made.path(), withHeader("If-None-Match", voted.header.Get("ETag"))).expectStatus(http.StatusOK)
	c.expect(edited.header.Get("ETag") != voted.header.Get("ETag"), "another ETag after an edit", "the same")
}

// withoutWeakPrefix returns a tag without the prefix W/, which a compressing proxy may have added.
func withoutWeakPrefix(tag string) string { return strings.TrimPrefix(tag, "W/") }

// acceptsIfMatch writes with the ETag that was read, although another user has voted since then.
func acceptsIfMatch(c *caseRun, method string, body option) {
	made := c.newPost(object{})
	tag := c.send("GET", made.path()).expectStatus(http.StatusOK).header.Get("ETag")
	c.send("PUT", made.path()+"/vote", withToken(c.stranger())).expectStatus(http.StatusNoContent)
	a := c.send(method, made.path(), withToken(c.author()), body, withHeader("If-Match", `"conformance", `+tag))
	c.expect(a.status/100 == 2, "success: a vote does not change the version", a)
	if method == "DELETE" {
		return
	}
	tag = a.header.Get("ETag")
	c.send("GET", made.path(), withToken(c.author()), withHeader("If-None-Match", tag)).expectStatus(http.StatusNotModified)
	c.send(method, made.path(), withToken(c.author()), body, withHeader("If-Match", tag)).expectStatus(http.StatusOK)
	c.send(method, made.path(), withToken(c.author()), body, withHeader("If-Match", "*")).expectStatus(http.StatusOK)
}

// acceptsRewrittenTags writes with ETags as compressing proxies change them.
func acceptsRewrittenTags(c *caseRun) {
	made := c.newPost(object{})
	for _, rewrite := range []func(tag string) string{
		func(tag string) string { return "W/" + tag },
		func(tag string) string { return strings.TrimSuffix(tag, `"`) + `-gzip"` },
		func(tag string) string { return "W/" + strings.TrimSuffix(tag, `"`) + `;gzip"` },
	} {
		tag := rewrite(withoutWeakPrefix(c.send("GET", made.path()).expectStatus(http.StatusOK).header.Get("ETag")))
		c.send("GET", made.path(), withHeader("If-None-Match", tag)).expectStatus(http.StatusNotModified)
		c.send("PUT", made.path(), withToken(c.author()), object{"title": "new", "content": "new"}.json(), withHeader("If-Match", tag)).expectStatus(http.StatusOK)
	}
}

// rejectsIfNoneMatch writes on the condition that the post does not exist.
func rejectsIfNoneMatch(c *caseRun, method string, body option) {
	made := c.newPost(object{})
	c.send(method, made.path(), withToken(c.author()), body, withHeader("If-None-Match", "*")).expectProblem(http.StatusPreconditionFailed, "precondition_failed")
	c.expectEqual("version", 1, c.send("GET", made.path()).expectStatus(http.StatusOK).decodePost().Version)
}

func emptyPatch(c *caseRun) {
	made := c.newPost(object{})
	tag := c.send("GET", made.path()).expectStatus(http.StatusOK).header.Get("ETag")
	c.send("PATCH", made.path(), withToken(c.author()), withMergePatch(`{}`)).expectStatus(http.StatusOK)
	c.send("GET", made.path(), withHeader("If-None-Match", tag)).expectStatus(http.StatusNotModified)
}

// rejectsStaleTag writes with an outdated ETag and checks that the post has not changed.
func rejectsStaleTag(c *caseRun, method string, body option) {
	made := c.newPost(object{})
	tag := c.send("GET", made.path()).expectStatus(http.StatusOK).header.Get("ETag")
	c.send("PATCH", made.path(), withToken(c.author()), withMergePatch(`{"content":"edited"}`)).expectStatus(http.StatusOK)
	for _, condition := range []string{tag, "W/" + withoutWeakPrefix(tag), `"conformance"`} {
		c.send(method, made.path(), withToken(c.author()), body, withHeader("If-Match", condition)).expectProblem(http.StatusPreconditionFailed, "precondition_failed")
	}
	c.send(method, made.path(), withToken(c.author()), body, withHeader("If-Match", "conformance")).expectInvalid("header If-Match format")
	now := c.send("GET", made.path()).expectStatus(http.StatusOK).decodePost()
	c.expectEqual("content and version", []any{"edited", 2}, []any{now.Content, now.Version})
}
