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

// reply is everything in an answer that could reveal something to a client, except its duration.
type reply struct {
	status int
	header http.Header // without Date and X-Request-Id, which differ between any two answers
	body   string      // JSON without request_id and trace_id
	id     string      // X-Request-Id
}

// attacker sends requests. An answer that breaks the contract fails t.
type attacker struct {
	t      *testing.T
	s      *instance
	client *http.Client
}

func newAttacker(t *testing.T, s *instance) attacker {
	t.Helper()
	return attacker{t, s, resttest.NewClient(t)}
}

// register creates an account, and returns the status.
func (a attacker) register(email string) int {
	a.t.Helper()
	created, err := a.s.client(a.t).CreateUserWithResponse(a.t.Context(), client.Registration{Email: email, Password: goodPassword})
	require.NoError(a.t, err)
	return created.StatusCode()
}

// signUp creates an account and logs in.
func (a attacker) signUp(email string) *client.Token {
	a.t.Helper()
	return a.s.signUp(a.t, email)
}

func (a attacker) exchange(request *http.Request) reply {
	t := a.t
	t.Helper()
	answer, err := a.client.Do(request)
	require.NoError(t, err)
	defer answer.Body.Close()
	var body members
	require.NoError(t, json.NewDecoder(answer.Body).Decode(&body))
	r := reply{answer.StatusCode, answer.Header, body.with(members{"request_id": nil, "trace_id": nil}).json(), answer.Header.Get("X-Request-Id")}
	for _, name := range []string{"Date", "X-Request-Id", "Content-Length"} {
		r.header.Del(name)
	}
	return r
}

// guess tries a password at /login or /token. The header fields are pairs of a name and a value.
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

// atOnce sends n requests at the same moment, and returns the answers in any order. It does not check them against the contract.
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

// requireCleanLog checks that each line of the log is JSON, and that the log and stdout contain none of the secrets. The service
// must have been shut down.
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
