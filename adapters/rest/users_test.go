package rest_test

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/api"
	"example.com/postern/domain"
)

func TestInvalidSignUps(t *testing.T) {
	t.Parallel()
	s := newService(t)
	for body, fields := range map[string][]string{
		`{}`:                         {"body /email required", "body /password required"},
		`{"email":"a","password":1}`: {"body /email min_length", "body /password type"},
		`{"email":"not an address","password":"password"}`:                                  {"body /email format", "body /password password_too_common"},
		`{"email":"Name <a@example.com>","password":"a good password!"}`:                    {"body /email format"},
		`{"email":"` + strings.Repeat("a", 250) + `@b.example","password":"short"}`:         {"body /email max_length", "body /password min_length"},
		`{"email":"a@example.com","password":"` + strings.Repeat("x", 129) + `"}`:           {"body /password max_length"},
		`{"email":"a@example.com","password":"pass\u0000word long"}`:                        {"body /password pattern"},
		`{"email":"a\u0000@example.com","password":"a good password!"}`:                     {"body /email format"},
		`{"email":"not an address","password":"x"}`:                                         {"body /email format", "body /password min_length"},
		`{"email":"not an address","password":"password1","x":1}`:                           {"body /email format", "body /password password_too_common", "body /x unknown"},
		`{"password":"password1"}`:                                                          {"body /email required", "body /password password_too_common"},
		`{"email":"ada@example.com","password":"ada@example.com"}`:                          {"body /password password_guessable"},
		`{"email":"a@example.com","password":"a good password!","is_admin":true,"id":7}`:    {"body /id unknown", "body /is_admin unknown"},
		`{"email":"a@example.com","password":"a good password!","Email":"b@example.com"}`:   {"body /Email unknown"},
		`{"email":"a@example.com","password":"a good password!","paſſword":"other long 1"}`: {"body /paſſword unknown"},
	} {
		got := s.sendJSON("POST", "/users", body)
		require.Equal(t, http.StatusUnprocessableEntity, got.StatusCode, body)
		require.Equal(t, fields, got.fields(), body)
	}
}

func TestConcurrentSignUpsHaveOneWinner(t *testing.T) {
	t.Parallel()
	s := newService(t)
	start := make(chan struct{})
	s.hasher.OnHash(func() error { <-start; return nil }) // all of them have seen the address free
	const racers = 8
	statuses := make([]int, racers)
	var racing sync.WaitGroup
	for i := range racers {
		racing.Go(func() {
			password := strings.Repeat(string(rune('a'+i)), 3) + " is my password"
			statuses[i] = s.sendJSON("POST", "/users", toJSON(t, api.Registration{Email: "ADA@example.com", Password: password})).StatusCode
		})
	}
	close(start)
	racing.Wait()
	s.hasher.OnHash(nil)
	winners := 0
	for i, status := range statuses {
		password := strings.Repeat(string(rune('a'+i)), 3) + " is my password"
		s.clock.Advance(time.Hour) // after a failure, the next login must wait
		login := s.sendForm("/login", url.Values{"username": {adaEmail}, "password": {password}})
		if status == http.StatusCreated {
			winners++
			require.Equal(t, http.StatusOK, login.StatusCode)
			continue
		}
		require.Equal(t, http.StatusConflict, status)
		require.Equal(t, http.StatusForbidden, login.StatusCode, "only the winner's password works")
	}
	require.Equal(t, 1, winners)
}

func TestLogin(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.signUp(adaEmail)
	right := url.Values{"username": {"ADA@example.com"}, "password": {adaPassword}}
	with := func(pairs ...string) url.Values {
		form := url.Values{"username": right["username"], "password": right["password"]}
		for i := 0; i < len(pairs); i += 2 {
			form[pairs[i]] = append(form[pairs[i]][:0:0], strings.Split(pairs[i+1], "|")...)
		}
		return form
	}
	for name, form := range map[string]url.Values{
		"bare":            right,
		"grant type":      with("grant_type", "password"),
		"empty grant":     with("grant_type", ""),
		"OAuth members":   with("scope", "a b", "client_id", "x", "client_secret", "y"),
		"unknown members": with("remember_me", "1"),
	} {
		got := s.sendForm("/login", form)
		require.Equal(t, http.StatusOK, got.StatusCode, name)
		require.Equal(t, "no-store", got.Header.Get("Cache-Control"))
		var token api.Token
		got.decode(t, &token)
		require.Equal(t, api.Token{AccessToken: token.AccessToken, TokenType: "bearer", ExpiresIn: 1800, RefreshToken: token.RefreshToken}, token)
		require.NotEmpty(t, token.RefreshToken)
		require.Equal(t, http.StatusOK, s.send("GET", "/users/me", "", bearer(token.AccessToken)...).StatusCode)
	}
	for name, c := range map[string]struct {
		form   url.Values
		fields []string
	}{
		"nothing":           {url.Values{}, []string{"body /username required", "body /password required"}},
		"empty password":    {with("password", ""), []string{"body /password required"}},
		"other grant":       {with("grant_type", "refresh_token"), []string{"body /grant_type enum"}},
		"repeated password": {with("password", adaPassword+"|x"), []string{"body /password repeated"}},
		"NUL":               {with("password", "a\x00b"), []string{"body /password pattern"}},
		"too long":          {with("password", strings.Repeat("x", 1025)), []string{"body /password max_length"}},
		"too many bytes":    {with("password", strings.Repeat("é", 513)), []string{"body /password max_length"}},
	} {
		got := s.sendForm("/login", c.form)
		require.Equal(t, http.StatusUnprocessableEntity, got.StatusCode, name)
		require.Equal(t, c.fields, got.fields(), name)
	}
	query := s.send("POST", "/login?"+right.Encode(), "", "Content-Type", formType)
	require.Equal(t, []string{"query password unknown", "query username unknown", "body /username required", "body /password required"}, query.fields())
	broken := s.send("POST", "/login", "username=%ff&password=x", "Content-Type", formType)
	require.Equal(t, http.StatusBadRequest, broken.StatusCode)
}

func TestMultipartLogin(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.signUp(adaEmail)
	part := func(name, value string) string {
		return "--b\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n"
	}
	send := func(body string) answer {
		return s.send("POST", "/login", body, "Content-Type", "multipart/form-data; boundary=b")
	}
	fine := part("username", adaEmail) + part("password", adaPassword)
	require.Equal(t, http.StatusOK, send(fine+"--b--\r\n").StatusCode)
	require.Equal(t, http.StatusForbidden, send(part("username", adaEmail)+part("password", "wrong one")+"--b--\r\n").StatusCode)
	require.Equal(t, []string{"body /password required"}, send(part("username", adaEmail)+"--b--\r\n").fields())
	require.Equal(t, []string{"body /password repeated"}, send(fine+part("password", "x")+"--b--\r\n").fields())
	require.Equal(t, http.StatusBadRequest, send(fine).StatusCode, "the final boundary is missing")
	require.Equal(t, http.StatusBadRequest, send("nonsense").StatusCode)
	require.Equal(t, http.StatusBadRequest, send(strings.Repeat(part("x", ""), 101)+"--b--\r\n").StatusCode, "too many parts")
	require.Equal(t, http.StatusUnprocessableEntity, send(strings.Repeat(part("x", ""), 100)+"--b--\r\n").StatusCode, "the maximum number of parts")
	require.Equal(t, http.StatusBadRequest, send(part("username", "\xff")+"--b--\r\n").StatusCode)
}

func TestTokenOfDeletedAccount(t *testing.T) {
	t.Parallel()
	s := newService(t)
	now := s.clock.Now()
	ghost, err := s.tokens.Issue(t.Context(), domain.Claims{UserID: 77, SessionID: "s", IssuedAt: now, ExpiresAt: now.Add(time.Minute)})
	require.NoError(t, err)
	for _, got := range []answer{
		s.send("GET", "/users/me", "", bearer(ghost)...),
		s.sendJSON("POST", "/posts", `{"title":"t","content":"c"}`, bearer(ghost)...),
	} {
		require.Equal(t, http.StatusUnauthorized, got.StatusCode)
		require.Equal(t, "Could not validate credentials", got.problem.Detail)
	}
}

func TestHashingQueueIsFull(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.signUp(adaEmail)
	busy := func() error { return domain.ErrHasherBusy }
	s.hasher.OnHash(busy)
	s.hasher.OnVerify(busy)
	for _, got := range []answer{
		s.sendForm("/login", url.Values{"username": {adaEmail}, "password": {adaPassword}}),
		s.sendJSON("POST", "/users", `{"email":"b@example.com","password":"a good password!"}`),
	} {
		require.Equal(t, http.StatusServiceUnavailable, got.StatusCode)
		require.Equal(t, "1", got.Header.Get("Retry-After"))
		require.Equal(t, api.ProblemCodeBusy, got.problem.Code)
	}
}
