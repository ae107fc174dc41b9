package conformance

import "strings"

// replaysPost asks for a post three times: again, and again after it was deleted.
func replaysPost(c *caseRun) {
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
	c.expect(decode[post](create(c.stranger())).ID != made.ID, "a new post: idempotency keys belong to one user", "the first user's")
	c.send("DELETE", made.path(), as(c.author())).expectStatus(204)
	again()
	c.send("GET", made.path()).expectStatus(404)
}

func rejectsKeys(c *caseRun) {
	create := func(key, text string) *answer {
		return c.send("POST", "/posts", as(c.author()), withJSON(text), withHeader("Idempotency-Key", key))
	}
	key := c.runID + "-" + randomText()
	create(key, `{}`).expectStatus(422)
	create(key, `{"title":"t","content":"c"}`).expectStatus(201) // a rejected request does not use the key
	create(key, `{"title":"t","content":"another"}`).expectProblem(422, "idempotency_key_reused")
	create("a b", `{"title":"t","content":"c"}`).expectInvalid("header Idempotency-Key pattern")
	create(strings.Repeat("k", 256), `{"title":"t","content":"c"}`).expectInvalid("header Idempotency-Key max_length")
}
