package exploretest

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// mutateRequest changes a valid request so that it violates the contract in one random way.
func (e *explorer) mutateRequest(r *request) {
	var mutations []func()
	add := func(violation string, change func()) {
		mutations = append(mutations, func() { change(); r.violation = violation })
	}
	add("unknown query parameter", func() { r.query.Set(choose(e, []string{"x", "Limit", "id", "limit[]", "é"}), "1") })
	add("malformed query", func() { r.query = map[string][]string{"\xff": {"1"}} })
	for _, ref := range r.op.parameters {
		p := ref.Value
		if p.Name != "If-None-Match" || r.op.method != http.MethodGet { // reads ignore a malformed If-None-Match
			add("parameter "+p.Name, func() { e.mutateParameter(r, p) })
		}
		if p.In == "query" {
			add("repeated "+p.Name, func() { value := e.validParameter(p, r.session); r.query[p.Name] = []string{value, value} })
		}
	}
	if r.members != nil {
		e.mutateBody(r, add)
	}
	choose(e, mutations)()
}

func (e *explorer) mutateParameter(r *request, p *openapi3.Parameter) {
	text := choose(e, e.invalidParameters(p))
	switch p.In {
	case "path":
		r.path[p.Name] = text
	case "query":
		r.query.Set(p.Name, text)
	case "header":
		r.header[p.Name] = []string{text}
	}
}

// mutateBody adds the mutations of the body.
func (e *explorer) mutateBody(r *request, add func(violation string, change func())) {
	for _, name := range slices.Sorted(maps.Keys(r.schema.Properties)) {
		s := r.schema.Properties[name].Value
		if s.ReadOnly { // any value is accepted
			continue
		}
		if slices.Contains(r.schema.Required, name) {
			add("no "+name, func() { delete(r.members, name) })
		}
		add("member "+name, func() { r.members[name] = choose(e, e.invalidMembers(r, name, s)) })
	}
	valid := encode(r.members)
	add("media type", func() {
		r.rawBody, r.media = &valid, choose(e, []string{"text/plain", "application/xml", "text/json", "application/json; charset=latin1", "x", "application/jsonp"})
	})
	add("content encoding", func() { r.header.Set("Content-Encoding", choose(e, []string{"gzip", "identity", "br"})) })
	if r.isForm() {
		add("form syntax", func() { e.replaceBody(r, "application/x-www-form-urlencoded", "a=%zz", "a=%", "password=%ff") })
		return
	}
	add("unknown member", func() { r.members[choose(e, []string{"x", "ID", "Owner_id", "title ", "__proto__", "é", ""})] = 1 })
	add("syntax", func() {
		e.replaceBody(r, r.media, "", "{", valid[1:], valid+"x", valid+valid, "\ufeff"+valid, "{a:1}", "{'a':1}", "\xff", `{"title":"a","title":"b"}`, strings.Repeat("[", 5000))
	})
	add("not an object", func() { e.replaceBody(r, r.media, "null", "[]", "[{}]", "1", `"{}"`, "true") })
	for _, name := range slices.Sorted(maps.Keys(r.schema.Properties)) {
		if s := r.schema.Properties[name].Value; s.Type.Is(openapi3.TypeString) && !s.ReadOnly {
			add("surrogate in "+name, func() {
				r.members[name] = "@@@@@@@@@@@@"
				e.replaceBody(r, r.media, strings.Replace(encode(r.members), "@@@", `\ud800`, 1))
			})
		}
	}
}

func (e *explorer) replaceBody(r *request, media string, bodies ...string) {
	body := choose(e, bodies)
	r.rawBody, r.media = &body, media
}

// invalidMembers returns invalid values for a member of a body.
func (e *explorer) invalidMembers(r *request, name string, s *openapi3.Schema) []any {
	var all []any
	if !r.isForm() {
		if !s.Nullable {
			all = append(all, nil)
		}
		all = append(all, []any{}, map[string]any{}, json.Number("1e999"), json.Number("0"), json.Number("-1.5"))
		if !s.Type.Is(openapi3.TypeBoolean) {
			return append(all, append(e.invalidTexts(name, s), true)...)
		}
		return append(all, "true", "", 1)
	}
	// In a form, a member without a value counts as absent (RFC 6749, section 3.1).
	return slices.DeleteFunc(append(all, e.invalidTexts(name, s)...), func(value any) bool { return value == "" })
}

func (e *explorer) invalidTexts(name string, s *openapi3.Schema) []any {
	var all []any
	if len(s.Enum) > 0 {
		return []any{"x", fmt.Sprint(s.Enum[0]) + " ", strings.ToUpper(fmt.Sprint(s.Enum[0]))}
	}
	if s.MinLength > 0 {
		all = append(all, e.drawText(choose(e, alphabets), int(s.MinLength)-1))
	}
	if s.MaxLength != nil {
		all = append(all, e.drawText(choose(e, alphabets), int(*s.MaxLength)+1))
	}
	if s.Pattern == `^[^\x00]*$` {
		all = append(all, "12345678\x00", "\x0012345678")
	}
	if name == "email" {
		for _, email := range invalidEmails {
			all = append(all, email)
		}
	}
	return all
}

func encode(members map[string]any) string {
	text, _ := json.Marshal(members) // cannot fail: the members are made by this package
	return string(text)
}
