package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	client "example.com/postern/api/client/wire"
)

const ada = "ada@example.com"

// signUp creates an account and logs in.
func (s *instance) signUp(t *testing.T, email string) *client.Token {
	t.Helper()
	created, err := s.client(t).CreateUserWithResponse(t.Context(), client.Registration{Email: email, Password: goodPassword})
	require.NoError(t, err)
	require.NotNil(t, created.JSON201, string(created.Body))
	return s.logIn(t, email, goodPassword)
}

func (s *instance) logIn(t *testing.T, email, password string) *client.Token {
	t.Helper()
	login, err := s.client(t).LoginWithFormdataBodyWithResponse(t.Context(), client.LoginForm{Username: email, Password: password})
	require.NoError(t, err)
	require.NotNil(t, login.JSON200, string(login.Body))
	return login.JSON200
}

// refresh returns new tokens for a refresh token if the status is 200. Unlike the client, refresh, me and admitted do not check
// the answer against the contract, so that loops are fast.
func (s *instance) refresh(t *testing.T, refresh string) (tokens client.Token, status int) {
	t.Helper()
	answer, err := http.PostForm(s.url+"/token", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {refresh}})
	require.NoError(t, err)
	defer answer.Body.Close()
	require.NoError(t, json.NewDecoder(answer.Body).Decode(&tokens))
	return tokens, answer.StatusCode
}

// me returns the status of GET /users/me with an access token.
func (s *instance) me(t *testing.T, access string) int {
	t.Helper()
	return s.status(t, http.MethodGet, "/users/me", access, "")
}

// admitted returns the status of POST /posts with an access token and a body that is not valid. The operation does not use the
// store. If the token is accepted, the status is 422.
func (s *instance) admitted(t *testing.T, access string) int {
	t.Helper()
	return s.status(t, http.MethodPost, "/posts", access, "{}")
}

func (s *instance) status(t *testing.T, method, path, access, body string) int {
	t.Helper()
	request, err := http.NewRequest(method, s.url+path, strings.NewReader(body))
	require.NoError(t, err)
	if access != "" {
		request.Header.Set("Authorization", "Bearer "+access)
	}
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	answer, err := http.DefaultClient.Do(request)
	require.NoError(t, err)
	_, err = io.Copy(io.Discard, answer.Body) // so that the connection is reused
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	return answer.StatusCode
}
