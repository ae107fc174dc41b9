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

// spoil breaks the contract in one way, chosen from all that the operation has.
func (e *explorer) spoil(r *request) {
	var ways []func()
	way := func(wrong string, change func()) {
		ways = append(ways, func() { change(); r.wrong = wrong })
	}
	way("unknown query parameter", func() { r.query.Set(pick(e, []string{"x", "Limit", "id", "limit[]", "é"}), "1") })
	way("malformed query", func() { r.query = nil; r.query = map[string][]string{"\xff": {"1"}} })
	for _, ref := range r.op.parameters {
		p := ref.Value
		if p.Name != "If-None-Match" || r.op.method != http.MethodGet { // reads ignore a malformed one
			way("parameter "+p.Name, func() { e.spoilParameter(r, p) })
		}
		if p.In == "query" {
			way("repeated "+p.Name, func() { value := e.validParameter(p, r.session); r.query[p.Name] = []string{value, value} })
		}
	}
	if r.members != nil {
		e.spoilBody(r, way)
	}
	pick(e, ways)()
}

func (e *explorer) spoilParameter(r *request, p *openapi3.Parameter) {
	text := pick(e, e.invalidParameters(p))
	switch p.In {
	case "path":
		r.path[p.Name] = text
	case "query":
		r.query.Set(p.Name, text)
	case "header":
		r.header[p.Name] = []string{text}
	}
}

func (e *explorer) spoilBody(r *request, way func(string, func())) {
	for _, name := range slices.Sorted(maps.Keys(r.schema.Properties)) {
		s := r.schema.Properties[name].Value
		if s.ReadOnly { // any value is accepted
			continue
		}
		if slices.Contains(r.schema.Required, name) {
			way("no "+name, func() { delete(r.members, name) })
		}
		way("member "+name, func() { r.members[name] = pick(e, e.invalidMembers(r, name, s)) })
	}
	way("media type", func() {
		text := string(must(json.Marshal(r.members)))
		r.raw, r.media = &text, pick(e, []string{"text/plain", "application/xml", "text/json", "application/json; charset=latin1", "x", "application/jsonp"})
	})
	way("content encoding", func() { r.header.Set("Content-Encoding", pick(e, []string{"gzip", "identity", "br"})) })
	if r.isForm() {
		way("form syntax", func() { e.replace(r, "application/x-www-form-urlencoded", "a=%zz", "a=%", "password=%ff") })
		return
	}
	way("unknown member", func() { r.members[pick(e, []string{"x", "ID", "Owner_id", "title ", "__proto__", "é", ""})] = 1 })
	way("syntax", func() {
		text := string(must(json.Marshal(r.members)))
		e.replace(r, r.media, "", "{", text[1:], text+"x", text+text, "\ufeff"+text, "{a:1}", "{'a':1}", "\xff", `{"title":"a","title":"b"}`, strings.Repeat("[", 5000))
	})
	way("not an object", func() { e.replace(r, r.media, "null", "[]", "[{}]", "1", `"{}"`, "true") })
	for _, name := range slices.Sorted(maps.Keys(r.schema.Properties)) {
		if s := r.schema.Properties[name].Value; s.Type.Is(openapi3.TypeString) && !s.ReadOnly {
			way("surrogate in "+name, func() {
				e.replace(r, r.media, strings.Replace(string(must(json.Marshal(with(r.members, name, "@@@@@@@@@@@@")))), "@@@", `\ud800`, 1))
			})
		}
	}
}

func (e *explorer) replace(r *request, media string, bodies ...string) {
	body := pick(e, bodies)
	r.raw, r.media = &body, media
}

// invalidMembers returns what the member must not be.
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
	// A form's member without a value is as good as not there (RFC 6749, section 3.1).
	return slices.DeleteFunc(append(all, e.invalidTexts(name, s)...), func(value any) bool { return value == "" })
}

func (e *explorer) invalidTexts(name string, s *openapi3.Schema) []any {
	var all []any
	if len(s.Enum) > 0 {
		return []any{"x", fmt.Sprint(s.Enum[0]) + " ", strings.ToUpper(fmt.Sprint(s.Enum[0]))}
	}
	if s.MinLength > 0 {
		all = append(all, e.text(pick(e, alphabets), int(s.MinLength)-1))
	}
	if s.MaxLength != nil {
		all = append(all, e.text(pick(e, alphabets), int(*s.MaxLength)+1))
	}
	if s.Pattern == `^[^\u0000]*$` {
		all = append(all, "12345678\x00", "\x0012345678")
	}
	if name == "email" {
		for _, email := range invalidEmails {
			all = append(all, email)
		}
	}
	return all
}

func with(members map[string]any, name string, value any) map[string]any {
	changed := maps.Clone(members)
	changed[name] = value
	return changed
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err) // of our own making
	}
	return value
}
