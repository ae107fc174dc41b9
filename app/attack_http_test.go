package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/postern/adapters/rest/resttest"
	client "example.com/postern/api/client/wire"
)

// reply is all that a client can tell one answer from another by, but for the time that it took.
type reply struct {
	status int
	header http.Header // without what differs from one answer to the next for everybody: Date and X-Request-Id
	body   string      // JSON without its request_id
	id     string      // X-Request-Id
}

// attacker sends requests, and fails t for every answer that breaks the contract.
type attacker struct {
	t      *testing.T
	s      *instance
	client *http.Client
}

func newAttacker(t *testing.T, s *instance) attacker {
	t.Helper()
	return attacker{t, s, resttest.NewClient(t)}
}

// api returns the generated client.
func (a attacker) api() *client.ClientWithResponses {
	a.t.Helper()
	c, err := client.NewClientWithResponses(a.s.url, client.WithHTTPClient(a.client))
	require.NoError(a.t, err)
	return c
}

// register makes an account, and returns the status.
func (a attacker) register(email string) int {
	a.t.Helper()
	created, err := a.api().CreateUserWithResponse(a.t.Context(), client.Registration{Email: email, Password: goodPassword})
	require.NoError(a.t, err)
	return created.StatusCode()
}

// signUp makes an account and logs it in.
func (a attacker) signUp(email string) *client.Token {
	t, ctx := a.t, a.t.Context()
	t.Helper()
	require.Equal(t, http.StatusCreated, a.register(email))
	login, err := a.api().LoginWithFormdataBodyWithResponse(ctx, client.LoginForm{Username: email, Password: goodPassword})
	require.NoError(t, err)
	require.NotNil(t, login.JSON200, string(login.Body))
	return login.JSON200
}

func (a attacker) exchange(request *http.Request) reply {
	t := a.t
	t.Helper()
	answer, err := a.client.Do(request)
	require.NoError(t, err)
	defer answer.Body.Close()
	var body members
	require.NoError(t, json.NewDecoder(answer.Body).Decode(&body))
	r := reply{answer.StatusCode, answer.Header, body.with(members{"request_id": nil}).json(), answer.Header.Get("X-Request-Id")}
	for _, name := range []string{"Date", "X-Request-Id", "Content-Length"} {
		r.header.Del(name)
	}
	return r
}

// guess tries a password at /login or /token, with header fields in pairs.
func (a attacker) guess(path, email, password string, header ...string) reply {
	t := a.t
	t.Helper()
	form := url.Values{"grant_type": {"password"}, "username": {email}, "password": {password}}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, a.s.url+path, strings.NewReader(form.Encode()))
	require.NoError(t, err)
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for i := 0; i < len(header); i += 2 {
		request.Header.Add(header[i], header[i+1])
	}
	return a.exchange(request)
}

// atOnce sends n requests at the same moment, and returns the answers in any order. It is for goroutines: nothing is held
// against the contract.
func atOnce(t *testing.T, n int, send func(c *http.Client, i int) (*http.Response, error)) (statuses map[int]int, bodies []string) {
	t.Helper()
	c := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: n}}
	defer c.CloseIdleConnections()
	var mu sync.Mutex
	var all sync.WaitGroup
	statuses = map[int]int{}
	begin := make(chan struct{})
	for i := range n {
		all.Go(func() {
			<-begin
			answer, err := send(c, i)
			if err != nil {
				t.Error(err)
				return
			}
			defer answer.Body.Close()
			body, err := io.ReadAll(answer.Body)
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			statuses[answer.StatusCode]++
			bodies = append(bodies, string(bytes.TrimSpace(body)))
		})
	}
	close(begin)
	all.Wait()
	return statuses, bodies
}

// requireCleanLog checks that a service that was shut down has written JSON, line by line, and none of these.
func requireCleanLog(t *testing.T, s *instance, secrets ...string) {
	t.Helper()
	log := s.stderr.String()
	require.NotEmpty(t, log)
	for line := range strings.Lines(log) {
		require.True(t, json.Valid([]byte(line)), line)
	}
	for _, secret := range secrets {
		require.NotEmpty(t, secret)
		require.NotContains(t, log+s.stdout.String(), secret)
		require.NotContains(t, log, url.QueryEscape(secret))
	}
}
