package conformance

import (
	"net/http"
	"strings"
)

// replays asks for a post three times: again, and again after it was deleted.
func replays(c *caseRun) {
	key, text := c.runID+"-"+randomText(), object{"title": c.runID, "content": "once"}.json()
	create := func(s *session) *answer {
		return c.send("POST", "/posts", withToken(s), text, withHeader("Idempotency-Key", key)).expectStatus(http.StatusCreated)
	}
	first := create(c.author())
	c.expect(first.header.Get("Idempotency-Replayed") == "", "no Idempotency-Replayed header in the first answer", "one")
	made := first.decodePost()
	again := func() {
		a := create(c.author()).expectHeader("Idempotency-Replayed", "true")
		c.expectEqual("the first answer", string(first.body), string(a.body))
		for _, name := range []string{"Location", "ETag", "Cache-Control", "Content-Type"} {
			a.expectHeader(name, first.header.Get(name))
		}
	}
	again()
	c.expect(create(c.stranger()).decodePost().ID != made.ID, "a new post: idempotency keys belong to one user", "the first user's")
	c.send("DELETE", made.path(), withToken(c.author())).expectStatus(http.StatusNoContent)
	again()
	c.send("GET", made.path()).expectStatus(http.StatusNotFound)
}

func rejectsKeys(c *caseRun) {
	key := c.runID + "-" + randomText()
	create := func(key, text string) *answer {
		return c.send("POST", "/posts", withToken(c.author()), withJSON(text), withHeader("Idempotency-Key", key))
	}
	create(key, `{}`).expectStatus(http.StatusUnprocessableEntity)
	create(key, `{"title":"t","content":"c"}`).expectStatus(http.StatusCreated) // a rejected request does not use the key
	create(key, `{"title":"t","content":"another"}`).expectProblem(http.StatusUnprocessableEntity, "idempotency_key_reused")
	for key, code := range sorted(map[string]string{"a b": "pattern", strings.Repeat("k", 256): "max_length"}) {
		create(key, `{"title":"t","content":"c"}`).expectInvalid("header Idempotency-Key " + code)
	}
}
