package rest_test

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/stretchr/testify/require"

	"example.com/postern/api"
)

// TestTimesHaveSixFractionDigits reads all times at moments whose fraction ends in zeros.
func TestTimesHaveSixFractionDigits(t *testing.T) {
	t.Parallel()
	times := regexp.MustCompile(`"[a-z_]+_at":"([^"]*)"`)
	written := regexp.MustCompile(`^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z$`)
	for fraction, digits := range map[time.Duration]string{0: ".000000Z", 120 * time.Millisecond: ".120000Z", 123450 * time.Microsecond: ".123450Z", 123456 * time.Microsecond: ".123456Z"} {
		s := newService(t)
		s.clock.Advance(fraction - 123456*time.Microsecond + time.Second)
		created := s.sendJSON("POST", "/users", toJSON(t, api.Registration{Email: adaEmail, Password: adaPassword}))
		auth := bearer(s.logIn(adaEmail).AccessToken)
		key := append([]string{"Idempotency-Key", "k"}, auth...)
		for _, got := range []answer{
			created,
			s.sendJSON("POST", "/posts", `{"title":"t","content":"c"}`, key...),
			s.sendJSON("POST", "/posts", `{"title":"t","content":"c"}`, key...),
			s.patch(1, `{"title":"new"}`, auth...),
			s.send("GET", "/posts/1", ""),
			s.send("GET", "/posts", ""),
			s.send("GET", "/users/me/posts", "", auth...),
			s.send("GET", "/users/me", "", auth...),
			s.send("GET", "/users/1", ""),
			s.send("GET", "/sessions", "", auth...),
		} {
			found := times.FindAllStringSubmatch(string(got.body), -1)
			require.NotEmpty(t, found, string(got.body))
			for _, at := range found {
				require.Regexp(t, written, at[1])
				require.True(t, strings.HasSuffix(at[1], digits), at[1])
			}
		}
	}
}

func TestTimesInParametersMayBeLowerCase(t *testing.T) {
	t.Parallel()
	s := newService(t)
	_, auth := s.signUp(adaEmail)
	s.createPost(auth, api.PostInput{Title: "t", Content: "c"})
	for _, spelling := range []string{"2026-11-24t09:30:00z", "2026-11-24T09:30:00z", "2026-11-24t09:30:00Z", "2026-11-24t10:30:00.1%2B01:00"} {
		var list []api.Post
		after := s.send("GET", "/posts?published_after="+spelling, "")
		require.Equal(t, http.StatusOK, after.StatusCode, string(after.body))
		after.decode(t, &list)
		require.Len(t, list, 1, spelling)
		s.send("GET", "/posts?published_before="+spelling, "").decode(t, &list)
		require.Empty(t, list, spelling)
	}
	for _, odd := range []string{"2026-11-24x09:30:00z", "2026-11-24%2009:30:00z", "2026-11-24t25:30:00z", "2026-11-24t09:30:00"} {
		require.Equal(t, []string{"query published_after format"}, s.send("GET", "/posts?published_after="+odd, "").fields(), odd)
	}
}

// TestSemicolons: a semicolon is an ordinary character in queries and forms (WHATWG URL, section 5.1).
func TestSemicolons(t *testing.T) {
	t.Parallel()
	s := newService(t)
	_, auth := s.signUp(adaEmail)
	for range 3 {
		s.createPost(auth, api.PostInput{Title: "one;two", Content: "c"})
	}
	s.createPost(auth, api.PostInput{Title: "one", Content: "c"})
	for _, query := range []string{"?search=one;two&limit=2", "?limit=2&search=%22one;two%22", "?search=one%3Btwo&limit=2"} {
		first := s.send("GET", "/posts"+query, "")
		require.Equal(t, http.StatusOK, first.StatusCode, string(first.body))
		var page []api.Post
		first.decode(t, &page)
		require.Len(t, page, 2)
		next := strings.TrimPrefix(strings.SplitN(first.Header.Get("Link"), ">", 2)[0], "<")
		for _, spelling := range []string{next, strings.ReplaceAll(next, "%3B", ";")} {
			second := s.send("GET", spelling, "")
			require.Equal(t, http.StatusOK, second.StatusCode, "%s: %s", spelling, second.body)
			second.decode(t, &page)
			require.Len(t, page, 1)
		}
	}
	require.Equal(t, []string{"query limit type"}, s.send("GET", "/posts?limit=1;limit=2", "").fields())
	require.Equal(t, []string{"query a;b unknown"}, s.send("GET", "/posts?a;b", "").fields())
	require.Equal(t, []string{"path id type"}, s.send("GET", "/posts/1;2", "").fields())

	const password = "semi;colon;password"
	require.Equal(t, http.StatusCreated, s.sendJSON("POST", "/users", `{"email":"bob@example.com","password":"`+password+`"}`).StatusCode)
	for _, form := range []string{"username=bob@example.com&password=" + password, "a=b;c=d&username=bob@example.com&password=semi%3Bcolon;password"} {
		require.Equal(t, http.StatusOK, s.send("POST", "/login", form, "Content-Type", formType).StatusCode, form)
	}
	require.Equal(t, []string{"body /password required"}, s.send("POST", "/login", "username=a;password=b", "Content-Type", formType).fields())
}

// TestNULInForms sends U+0000 in every member of every form.
func TestNULInForms(t *testing.T) {
	t.Parallel()
	s := newService(t)
	checked := 0
	for _, op := range contractOperations(t) {
		if op.RequestBody == nil || op.RequestBody.Value.Content[formType] == nil {
			continue
		}
		for name := range op.RequestBody.Value.Content[formType].Schema.Value.Properties {
			checked++
			form := url.Values{name: {"a\x00b"}}
			for _, filled := range []string{"username", "password"} {
				if name != filled {
					form.Set(filled, "aaaaaaaa")
				}
			}
			got := s.sendForm(op.path, form)
			if op.OperationID == "CreateToken" { // RFC 6749 defines other errors
				require.Equal(t, http.StatusBadRequest, got.StatusCode, name)
				require.Contains(t, string(got.body), `"pointer":"/`+name+`"`)
				continue
			}
			require.Equal(t, http.StatusUnprocessableEntity, got.StatusCode, name)
			require.Contains(t, strings.Join(got.fields(), ","), "body /"+name+" ")
		}
	}
	require.Equal(t, 14, checked)
	for _, name := range []string{"scope", "client_id", "client_secret"} {
		form := url.Values{"username": {adaEmail}, "password": {adaPassword}, name: {"\x00"}}
		require.Equal(t, []string{fmt.Sprintf("body /%s pattern", name)}, s.sendForm("/login", form).fields())
	}
}

// TestTextMembersHaveAPattern: the pattern excludes NUL, also in members that are added later.
func TestTextMembersHaveAPattern(t *testing.T) {
	t.Parallel()
	for _, op := range contractOperations(t) {
		if op.RequestBody == nil {
			continue
		}
		for media, content := range op.RequestBody.Value.Content {
			for name, property := range content.Schema.Value.Properties {
				if s := property.Value; s.Type.Is(openapi3.TypeString) && len(s.Enum) == 0 && !s.ReadOnly && s.Format != "email" {
					require.NotEmpty(t, s.Pattern, "%s %s %s", op.OperationID, media, name)
				}
			}
		}
	}
}
