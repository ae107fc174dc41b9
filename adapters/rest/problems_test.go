package rest_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/postern/api"
	"example.com/postern/domain"
)

const (
	jsonType = "application/json"
	formType = "application/x-www-form-urlencoded"
)

func TestMalformedAndInvalidBodies(t *testing.T) {
	t.Parallel()
	s := newService(t)
	_, auth := s.signUp(adaEmail)
	deep := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	post := func(title string) string { return `{"title":` + title + `,"content":"c"}` }
	cases := []struct {
		name, body string
		status     int
		fields     []string
	}{
		{"empty", "", 400, nil},
		{"blank", " \n\t", 400, nil},
		{"broken", `{"title":`, 400, nil},
		{"not JSON", `title=t&content=c`, 400, nil},
		{"trailing text", post(`"t"`) + `x`, 400, nil},
		{"trailing value", post(`"t"`) + `{}`, 400, nil},
		{"byte order mark", "\uFEFF" + post(`"t"`), 400, nil},
		{"invalid UTF-8", post("\"\xff\""), 400, nil},
		{"encoded surrogate", post("\"\xed\xa0\x80\""), 400, nil},
		{"duplicate name", `{"title":"a","title":"b","content":"c"}`, 400, nil},
		{"duplicate name, escaped", `{"title":"a","\u0074itle":"b","content":"c"}`, 400, nil},
		{"duplicate name, nested", `{"title":"a","content":"c","x":{"y":1,"y":2}}`, 400, nil},
		{"33 deep", deep(33), 400, nil},
		{"100 deep", deep(100), 400, nil},
		{"32 deep", deep(32), 422, []string{"body  type"}},
		{"NaN", `{"title":NaN}`, 400, nil},
		{"control character", post("\"a\nb\""), 400, nil},
		{"null", `null`, 422, []string{"body  type"}},
		{"array", `[]`, 422, []string{"body  type"}},
		{"string", `"x"`, 422, []string{"body  type"}},
		{"empty object", `{}`, 422, []string{"body /title required", "body /content required"}},
		{"null member", post(`null`), 422, []string{"body /title type"}},
		{"number", post(`1`), 422, []string{"body /title type"}},
		{"number beyond any", post(`1e999`), 422, []string{"body /title type"}},
		{"unknown members, by name, last", `{"zzz":1,"aaa":{"b":1},"title":"t"}`, 422, []string{"body /content required", "body /aaa unknown", "body /zzz unknown"}},
		{"owner is not taken", `{"title":"t","content":"c","owner_id":2,"id":9}`, 422, []string{"body /id unknown", "body /owner_id unknown"}},
		{"case-folded name", `{"TITLE":"t","content":"c"}`, 422, []string{"body /title required", "body /TITLE unknown"}},
		{"long-s name", `{"title":"t","content":"c","publiſhed":true}`, 422, []string{"body /publiſhed unknown"}},
		{"pointer escapes", `{"title":"t","content":"c","a/b~c":1}`, 422, []string{"body /a~1b~0c unknown"}},
		{"NUL", post(`"a\u0000b"`), 422, []string{"body /title pattern"}},
		{"lone high surrogate", post(`"\ud83d"`), 422, []string{"body /title format"}},
		{"lone low surrogate", post(`"\ude00 x"`), 422, []string{"body /title format"}},
		{"swapped pair", post(`"\ude00\ud83d"`), 422, []string{"body /title format"}},
		{"two lone surrogates, both told", `{"content":"\ud800","title":"\udfff"}`, 422, []string{"body /title format", "body /content format"}},
		{"surrogate inside an unknown member", `{"title":"t","content":"c","x":["\ud800"]}`, 422, []string{"body /x unknown", "body /x/0 format"}},
		{"empty title", post(`""`), 422, []string{"body /title min_length"}},
		{"301 characters", post(`"` + strings.Repeat("é", 301) + `"`), 422, []string{"body /title max_length"}},
		{"published is no boolean", `{"title":"t","content":"c","published":"true"}`, 422, []string{"body /published type"}},
		{"published is null", `{"title":"t","content":"c","published":null}`, 422, []string{"body /published type"}},
		{"100,001 characters", `{"title":"t","content":"` + strings.Repeat("x", 100_001) + `"}`, 422, []string{"body /content max_length"}},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := s.at(t).sendJSON("POST", "/posts", c.body, auth...)
			require.Equal(t, c.status, got.StatusCode, string(got.body))
			require.Equal(t, c.fields, got.fields())
		})
	}
	list := s.send("GET", "/posts", "")
	require.JSONEq(t, "[]", string(list.body), "nothing was written")
}

// TestProblemMembers compares a complete problem with the documented form.
func TestProblemMembers(t *testing.T) {
	t.Parallel()
	s := newService(t)
	got := s.send("GET", "/posts?limit=0", "", "X-Request-Id", "mine", "Traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
	require.JSONEq(t, `{"type":"/problems/validation","title":"Unprocessable Content","status":422,
		"detail":"1 field is not valid.","code":"validation","request_id":"mine","trace_id":"4bf92f3577b34da6a3ce929d0e0e4736",
		"errors":[{"in":"query","name":"limit","code":"minimum","detail":"must be at least 1"}]}`, string(got.body))
}

func TestMediaTypes(t *testing.T) {
	t.Parallel()
	s := newService(t)
	_, auth := s.signUp(adaEmail)
	post, form := `{"title":"t","content":"c"}`, url.Values{"username": {adaEmail}, "password": {adaPassword}}.Encode()
	cases := []struct {
		name, target, body string
		header             []string
		status             int
	}{
		{"JSON with charset", "/posts", post, []string{"Content-Type", "application/json; charset=UTF-8"}, 201},
		{"upper case", "/posts", post, []string{"Content-Type", "Application/JSON"}, 201},
		{"text", "/posts", post, []string{"Content-Type", "text/plain"}, 415},
		{"text that ends in json", "/posts", post, []string{"Content-Type", "text/plain; x=application/json"}, 415},
		{"a suffix", "/posts", post, []string{"Content-Type", "application/vnd.x+json"}, 415},
		{"a prefix", "/posts", post, []string{"Content-Type", "application/jsonx"}, 415},
		{"Latin-1", "/posts", post, []string{"Content-Type", "application/json; charset=iso-8859-1"}, 415},
		{"none", "/posts", post, nil, 415},
		{"two", "/posts", post, []string{"Content-Type", jsonType, "Content-Type", jsonType}, 415},
		{"form at JSON", "/posts", form, []string{"Content-Type", formType}, 415},
		{"gzip", "/posts", post, []string{"Content-Type", jsonType, "Content-Encoding", "gzip"}, 415},
		{"identity", "/posts", post, []string{"Content-Type", jsonType, "Content-Encoding", "identity"}, 415},
		{"no body, no type", "/posts", "", nil, 400},
		{"form", "/login", form, []string{"Content-Type", formType}, 200},
		{"form with charset", "/login", form, []string{"Content-Type", formType + "; charset=utf-8"}, 200},
		{"JSON at form", "/login", `{"username":"a","password":"b"}`, []string{"Content-Type", jsonType}, 422},
		{"text at form", "/login", form, []string{"Content-Type", "text/plain"}, 415},
		{"no body at form", "/login", "", nil, 422},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := s.at(t).send("POST", c.target, c.body, append(c.header, auth...)...)
			require.Equal(t, c.status, got.StatusCode, string(got.body))
		})
	}
}

func TestIdentifiersAndParameters(t *testing.T) {
	t.Parallel()
	s := newService(t)
	cases := []struct {
		target string
		status int
		fields []string
	}{
		{"/posts/0", 422, []string{"path id minimum"}},
		{"/posts/-1", 422, []string{"path id minimum"}},
		{"/posts/9007199254740991", 404, nil},
		{"/posts/9007199254740992", 422, []string{"path id maximum"}},
		{"/posts/9223372036854775808", 422, []string{"path id maximum"}},
		{"/posts/-9223372036854775809", 422, []string{"path id minimum"}},
		{"/posts/" + strings.Repeat("9", 400), 422, []string{"path id maximum"}},
		{"/posts/1.5", 422, []string{"path id type"}},
		{"/posts/1.0", 422, []string{"path id type"}},
		{"/posts/1e0", 422, []string{"path id type"}},
		{"/posts/1e999", 422, []string{"path id type"}},
		{"/posts/+1", 422, []string{"path id type"}},
		{"/posts/01", 422, []string{"path id type"}},
		{"/posts/0x1", 422, []string{"path id type"}},
		{"/posts/%201", 422, []string{"path id type"}},
		{"/posts/1%00", 422, []string{"path id type"}},
		{"/posts/%D9%A1", 422, []string{"path id type"}},
		{"/posts/%ff", 422, []string{"path id format"}},
		{"/posts/NaN", 422, []string{"path id type"}},
		{"/posts/Inf", 422, []string{"path id type"}},
		{"/users/you", 422, []string{"path id type"}},
		{"/posts?limit=0", 422, []string{"query limit minimum"}},
		{"/posts?limit=101", 422, []string{"query limit maximum"}},
		{"/posts?limit=1e999", 422, []string{"query limit type"}},
		{"/posts?limit=" + strings.Repeat("9", 999), 422, []string{"query limit maximum"}},
		{"/posts?limit=", 422, []string{"query limit type"}},
		{"/posts?limit=1&limit=1", 422, []string{"query limit repeated"}},
		{"/posts?limit=1,2", 422, []string{"query limit type"}},
		{"/posts?LIMIT=1", 422, []string{"query LIMIT unknown"}},
		{"/posts?offset=1&limit=0&cursor=!", 422, []string{"query limit minimum", "query cursor format", "query offset unknown"}},
		{"/posts?cursor=", 422, []string{"query cursor min_length"}},
		{"/posts?cursor=%ff", 422, []string{"query cursor format"}},
		{"/posts?cursor=forged", 422, []string{"query cursor format"}},
		{"/posts?cursor=sealedAQ", 422, []string{"query cursor format"}},
		{"/posts?cursor=" + strings.Repeat("a", 513), 422, []string{"query cursor max_length"}},
		{"/posts/x?y=1", 422, []string{"path id type", "query y unknown"}},
		{"/healthz?x", 422, []string{"query x unknown"}},
		{"/posts?limit=%zz", 400, nil},
		{"/posts?a;b", 422, []string{"query a;b unknown"}},
	}
	for _, c := range cases {
		t.Run(c.target[:min(len(c.target), 40)], func(t *testing.T) {
			got := s.at(t).send("GET", c.target, "")
			require.Equal(t, c.status, got.StatusCode, string(got.body))
			require.Equal(t, c.fields, got.fields())
		})
	}
}

func TestUnknownPathsAndMethods(t *testing.T) {
	t.Parallel()
	s := newService(t)
	for _, target := range []string{"/nothing", "/posts/1/2", "/.git/config", "/.env", "/api", "/docs/../users", "/debug/pprof/"} {
		got := s.send("GET", target, "")
		require.Equal(t, http.StatusNotFound, got.StatusCode, target)
		require.Equal(t, api.ProblemCodeNotFound, got.problem.Code)
	}
	for target, allow := range map[string]string{"/posts": "GET, HEAD, POST", "/posts/1": "DELETE, GET, HEAD, PATCH, PUT", "/login": "POST", "/openapi.json": "GET, HEAD"} {
		for _, method := range []string{"TRACE", "OPTIONS", "CONNECT", "FOO"} {
			got := s.send(method, target, "")
			require.Equal(t, http.StatusMethodNotAllowed, got.StatusCode, method+target)
			require.Equal(t, allow, got.Header.Get("Allow"))
		}
	}
}

func TestBodyLimits(t *testing.T) {
	t.Parallel()
	s := newService(t)
	_, auth := s.signUp(adaEmail)
	escaped := func(n int) string { return strings.Repeat(`\ud83d\ude00`, n) }
	largest := `{"title":"` + escaped(domain.MaxTitle) + `","content":"` + escaped(domain.MaxContent) + `"}`
	padded := func(n int) string { return largest + strings.Repeat(" ", n-len(largest)) }
	require.Equal(t, http.StatusCreated, s.sendJSON("POST", "/posts", largest, auth...).StatusCode)
	for name, got := range map[string]answer{
		"2 MiB":          s.sendJSON("POST", "/posts", padded(2<<20), auth...),
		"JSON over 16 K": s.sendJSON("POST", "/users", `{"email":"`+strings.Repeat("x", 16<<10)+`"}`),
		"10 MB":          s.sendJSON("POST", "/posts", padded(10<<20), auth...),
		"form over 16 K": s.sendForm("/login", url.Values{"username": {adaEmail}, "password": {strings.Repeat("x", 16<<10)}}),
	} {
		require.Equal(t, http.StatusRequestEntityTooLarge, got.StatusCode, name)
		require.Equal(t, api.ProblemCodeContentTooLarge, got.problem.Code)
	}
	anonymous := s.sendJSON("POST", "/posts", padded(10<<20))
	require.Equal(t, http.StatusUnauthorized, anonymous.StatusCode, "401 comes before 413")
}
