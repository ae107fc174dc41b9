package conformance

import (
	"net/http"
	"strings"
)

const (
	maxJSONBody = 2 << 20
	maxFormBody = 16 << 10
)

// mediaCases are of bodies that are not what the operation takes.
func mediaCases(o operation) []testCase {
	if o.media == "" {
		return nil
	}
	return []testCase{
		bad(o.id+"/media-type", func(c *check) {
			refused := map[string]string{"text/plain": "conformance", o.media + "x": "{}", o.media + "; charset=iso-8859-1": "{}"}
			for media, text := range refused {
				c.send(o.method, o.target, o.as(c), body(media, text)).problem(http.StatusUnsupportedMediaType, "unsupported_media_type")
			}
		}),
		bad(o.id+"/content-encoding", func(c *check) {
			c.send(o.method, o.target, o.as(c), body(o.media, "{}"), header("Content-Encoding", "gzip")).
				problem(http.StatusUnsupportedMediaType, "unsupported_media_type")
		}),
		bad(o.id+"/too-large", func(c *check) {
			limit := maxJSONBody
			if o.media == mediaForm {
				limit = maxFormBody
			}
			c.send(o.method, o.target, o.as(c), body(o.media, strings.Repeat(" ", limit+1))).
				problem(http.StatusRequestEntityTooLarge, "content_too_large")
		}),
	}
}

// jsonCases are of bodies that are no JSON, or JSON of another shape.
func jsonCases(o operation) []testCase {
	malformed := func(what string, texts ...string) testCase {
		return bad(o.id+"/"+what, func(c *check) {
			for _, text := range texts {
				c.send(o.method, o.target, o.as(c), body(o.media, text)).problem(http.StatusBadRequest, "malformed_body")
			}
		})
	}
	return []testCase{
		malformed("no-json", "", " ", `{"a":`, "a=b", `{"a":NaN}`, "\uFEFF{}"),
		malformed("trailing-text", `{}x`, `{} {}`),
		malformed("duplicate-member", `{"a":1,"a":2}`, `{"a":1,"\u0061":2}`),
		malformed("invalid-utf-8", "{\"a\":\"\xff\"}"),
		malformed("too-deep", strings.Repeat("[", 33)+strings.Repeat("]", 33)),
		bad(o.id+"/no-object", func(c *check) {
			for _, text := range []string{"null", "[]", `"x"`, "1", "1e999"} {
				c.send(o.method, o.target, o.as(c), body(o.media, text)).invalid("body  type")
			}
		}),
		bad(o.id+"/unknown-member", func(c *check) {
			a := c.send(o.method, o.target, o.as(c), body(o.media, `{"conformance":"canary"}`))
			a.hides("canary").mentions("body /conformance unknown")
		}),
	}
}

// formCases are of bodies that are no forms.
func formCases(o operation) []testCase {
	cases := []testCase{bad(o.id+"/no-form", func(c *check) {
		c.send(o.method, o.target, o.as(c), body(o.media, "%zz")).is(http.StatusBadRequest)
		c.send(o.method, o.target, o.as(c), body("multipart/form-data; boundary=x", "conformance")).is(http.StatusBadRequest)
	})}
	if o.optionalBody {
		return cases
	}
	return append(cases, bad(o.id+"/json", func(c *check) {
		a := c.send(o.method, o.target, jsonText(`{"username":"canary","password":"canary"}`))
		a.hides("canary").is(http.StatusUnprocessableEntity)
	}))
}
