package conformance

import (
	"net/http"
	"strings"
)

// replays asks for a post three times: again, and again after it was deleted.
func replays(c *check) {
	key, text := c.mark+"-"+randomText(), object{"title": c.mark, "content": "once"}.json()
	create := func(s *session) *answer {
		return c.send("POST", "/posts", by(s), text, header("Idempotency-Key", key)).is(http.StatusCreated)
	}
	first := create(c.author())
	c.expect(first.header.Get("Idempotency-Replayed") == "", "no Idempotency-Replayed at first", "one")
	made := first.post()
	again := func() {
		a := create(c.author()).has("Idempotency-Replayed", "true")
		c.equal("the first answer", string(first.body), string(a.body))
		for _, name := range []string{"Location", "ETag", "Cache-Control", "Content-Type"} {
			a.has(name, first.header.Get(name))
		}
	}
	again()
	c.expect(create(c.stranger()).post().ID != made.ID, "a post of the other user: keys are per user", "the first user's")
	c.send("DELETE", made.path(), by(c.author())).is(http.StatusNoContent)
	again()
	c.send("GET", made.path()).is(http.StatusNotFound)
}

func refusesKeys(c *check) {
	key := c.mark + "-" + randomText()
	create := func(key, text string) *answer {
		return c.send("POST", "/posts", by(c.author()), jsonText(text), header("Idempotency-Key", key))
	}
	create(key, `{}`).is(http.StatusUnprocessableEntity)
	create(key, `{"title":"t","content":"c"}`).is(http.StatusCreated) // what was refused is not kept
	create(key, `{"title":"t","content":"another"}`).problem(http.StatusUnprocessableEntity, "idempotency_key_reused")
	for key, code := range map[string]string{"a b": "pattern", strings.Repeat("k", 256): "max_length"} {
		create(key, `{"title":"t","content":"c"}`).invalid("header Idempotency-Key " + code)
	}
}
