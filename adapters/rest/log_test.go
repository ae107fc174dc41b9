package rest_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/postern/adapters/rest"
	"example.com/postern/api"
	"example.com/postern/domain"
)

// lines returns the parsed lines of the log. Each must be a JSON object.
func (s *service) lines() []map[string]any {
	s.t.Helper()
	var all []map[string]any
	for scanner := bufio.NewScanner(strings.NewReader(s.log.String())); scanner.Scan(); {
		var line map[string]any
		require.NoError(s.t, json.Unmarshal(scanner.Bytes(), &line), scanner.Text())
		all = append(all, line)
	}
	return all
}

func TestAccessLog(t *testing.T) {
	t.Parallel()
	s := newService(t)
	account, auth := s.signUp(adaEmail)
	before := len(s.lines())
	got := s.send("GET", "/users/me?x=1", "", append(auth, "X-Request-Id", "mine-1", "Traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")...)
	require.Equal(t, "mine-1", got.Header.Get("X-Request-Id"))
	s.send("GET", "/healthz", "")
	s.send("GET", "/readyz", "")
	lines := s.lines()
	require.Len(t, lines, before+1, "one line per request, probes excepted")
	line := lines[before]
	require.Equal(t, "GetCurrentUser", line["operation"])
	require.Equal(t, "mine-1", line["request_id"])
	require.Equal(t, "4bf92f3577b34da6a3ce929d0e0e4736", line["trace_id"])
	require.EqualValues(t, 422, line["status"])
	require.EqualValues(t, account.ID, line["caller"])
	require.Equal(t, "127.0.0.1", line["ip"])
	require.Contains(t, line, "duration_ms")
	require.Equal(t, "validation: query unknown;", line["reason"])
}

func TestReasonOfInvalidTokenIsLoggedOnly(t *testing.T) {
	t.Parallel()
	s := newService(t)
	got := s.send("GET", "/users/me", "", bearer("x")...)
	require.NotContains(t, string(got.body), "not one of ours")
	require.Contains(t, s.log.String(), "not one of ours")
}

func TestRequestID(t *testing.T) {
	t.Parallel()
	s := newService(t)
	for sent, kept := range map[string]bool{
		"a": true, "A-1._z": true, strings.Repeat("x", 64): true, strings.Repeat("x", 65): false, "": false, "a b": false,
		"a\"b": false, "a{b}": false, "é": false,
	} {
		got := s.send("GET", "/healthz", "", "X-Request-Id", sent).Header.Get("X-Request-Id")
		require.Equal(t, kept, got == sent, sent)
	}
	twice := s.send("GET", "/healthz", "", "X-Request-Id", "a", "X-Request-Id", "b").Header.Get("X-Request-Id")
	require.NotContains(t, []string{"a", "b"}, twice)
}

// TestSecretsAreNotRepeated sends a secret in every part of a request and looks for it in the answers and the log.
func TestSecretsAreNotRepeated(t *testing.T) {
	t.Parallel()
	const canary = "c4n4ry-of-the-attack-suite"
	s := newService(t)
	_, auth := s.signUp(adaEmail)
	var seen strings.Builder
	keep := func(a answer) {
		seen.Write(a.body)
		fmt.Fprintln(&seen, a.Header)
	}
	quoted := `"` + canary + `"`
	for _, body := range []string{
		quoted, `{"email":` + quoted + `}`, `{"email":` + quoted + `,"password":` + quoted + `}`, `{"email":"a@example.com","password":{"x":` + quoted + `}}`,
		`{"password":[` + quoted + `]}`, canary, `{"password":` + quoted, `{"password":` + quoted + `,"password":` + quoted + `}`, `{"x":` + quoted + `}`,
		`{"email":"a@example.com","password":"` + canary + `\u0000"}`, `{"email":"a@example.com","password":"` + canary + `\ud800"}`,
		`{"title":` + quoted + `}`, `{"title":1,"content":` + quoted + `,"published":` + quoted + `}`,
		`{"email":"` + canary + `@example.com","password":"` + canary + `"}`,
	} {
		keep(s.sendJSON("POST", "/users", body))
		keep(s.sendJSON("PUT", "/posts/1", body, auth...))
		keep(s.send("POST", "/login", body, "Content-Type", "text/plain"))
	}
	for _, form := range []url.Values{
		{"username": {canary}, "password": {canary}}, {"username": {adaEmail}, "password": {canary, canary}},
		{"username": {adaEmail}, "password": {canary}, "grant_type": {canary}}, {"username": {adaEmail}, "password": {canary + "\x00"}},
		{"username": {adaEmail}, "password": {strings.Repeat(canary, 100)}}, {"client_secret": {canary}},
	} {
		keep(s.sendForm("/login", form))
		keep(s.send("POST", "/login?"+form.Encode(), "", "Content-Type", formType))
	}
	keep(s.send("GET", "/users/me", "", bearer(canary)...))
	keep(s.send("GET", "/users/me", "", "Authorization", canary))
	keep(s.send("GET", "/users/me", "", "Authorization", "Basic "+canary))
	keep(s.send("GET", "/users/me", "", "Cookie", canary, "User-Agent", canary, "Referer", canary, "X-Request-Id", canary+"!"))
	keep(s.send("GET", "/posts/"+canary, ""))
	keep(s.send("GET", "/"+canary, ""))
	keep(s.send("GET", "/posts?cursor="+canary+"&limit="+canary, ""))
	s.send("GET", "/posts?"+canary+"=1&limit=1", "") // the answer repeats the name; the log must not
	s.sendJSON("POST", "/users", `{`+quoted+`:1}`)
	keep(s.send(canary, "/posts", ""))
	keep(s.send("POST", "/users", "{}", "Content-Type", canary+"/"+canary))
	keep(s.send("POST", "/users", "{}", "Content-Type", jsonType, "Content-Encoding", canary))
	require.NotContains(t, seen.String(), canary)
	require.NotContains(t, s.log.String(), canary)
	require.NotContains(t, s.log.String(), strings.TrimPrefix(auth[1], "Bearer "))
	require.NotContains(t, s.log.String(), adaPassword)
	require.GreaterOrEqual(t, len(s.lines()), 60, "every request was logged")
}

func TestLogInjection(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.sendJSON("POST", "/users", toJSON(t, map[string]any{"a\n{\"level\":\"ERROR\"}\r\n\x1b[31m": 1}))
	s.send("GET", "/posts?"+url.QueryEscape("a\n{}")+"=1", "")
	require.Len(t, s.lines(), 2)
}

func TestUnknownMembersAreTruncated(t *testing.T) {
	t.Parallel()
	s := newService(t)
	_, auth := s.signUp(adaEmail)
	var members strings.Builder
	for i := range 150 {
		fmt.Fprintf(&members, `,"%s%d":1`, strings.Repeat("x", 3000), i)
	}
	got := s.sendJSON("POST", "/posts", `{"title":"t","content":"c"`+members.String()+`}`, auth...)
	require.Equal(t, http.StatusUnprocessableEntity, got.StatusCode)
	require.Equal(t, "150 fields are not valid.", got.problem.Detail)
	require.Len(t, got.problem.Errors, 100, "the rest is counted only")
	require.Less(t, len(got.body), 25_000)
	got = s.sendJSON("POST", "/users", `{"q`+strings.Repeat(`":{"q`, 20)+`":1`+strings.Repeat("}", 21))
	require.Equal(t, api.ProblemCodeValidation, got.problem.Code)
}

func TestLogLevels(t *testing.T) {
	t.Parallel()
	for err, level := range map[error]string{
		errors.New("cause"):        "ERROR",
		domain.ErrStoreUnavailable: "ERROR",
		domain.ErrHasherBusy:       "WARN",
		domain.ErrPostNotFound:     "INFO",
	} {
		s := newService(t, func(o *rest.Options) { o.Posts = postsStub{o.Posts, func() error { return err }} })
		_, auth := s.signUp(adaEmail)
		s.send("PUT", "/posts/1/vote", "", auth...)
		lines := s.lines()
		require.Equal(t, level, lines[len(lines)-1]["level"], err.Error())
	}
}

// blockingPosts blocks until the client disconnects.
type blockingPosts struct {
	domain.PostService
	called chan struct{}
}

func (p blockingPosts) Get(ctx context.Context, _ domain.Viewer, _ domain.PostID) (domain.Post, error) {
	close(p.called)
	<-ctx.Done()
	return domain.Post{}, ctx.Err()
}

func TestClientDisconnects(t *testing.T) {
	t.Parallel()
	posts := blockingPosts{called: make(chan struct{})}
	s := newService(t, func(o *rest.Options) { o.Posts = posts })
	ctx, hangUp := context.WithCancel(t.Context())
	request, err := http.NewRequestWithContext(ctx, "GET", s.URL+"/posts/1", nil)
	require.NoError(t, err)
	go func() {
		<-posts.called
		hangUp()
	}()
	_, err = s.client.Do(request)
	require.ErrorIs(t, err, context.Canceled)
	s.Close() // waits for the handler
	require.EqualValues(t, 499, s.lines()[0]["status"])
	require.Equal(t, "INFO", s.lines()[0]["level"])
}

func TestLoginsAndSignUpsLogTheCaller(t *testing.T) {
	t.Parallel()
	s := newService(t)
	account, _ := s.signUp(adaEmail)
	for _, line := range s.lines() {
		require.EqualValues(t, account.ID, line["caller"], line["operation"])
	}
	require.Len(t, s.lines(), 2)
}
