package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	client "example.com/postern/api/client/wire"
)

// TestStatusLineInAPostIsText puts a status line where net/http begins a new write: at byte 4096 of an answer. The titles
// differ in length, so that one of the answers has it exactly there.
func TestStatusLineInAPostIsText(t *testing.T) {
	t.Parallel()
	const statusLine = "HTTP/1.1 417 "
	s := launch(t, nil)
	tokens := s.signUp(t, ada)
	content := strings.Repeat(statusLine, 400) // everything after byte 4096 is one write
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for shift := range len(statusLine) {
		title := strings.Repeat("x", shift+1)
		created, err := s.client(t).CreatePostWithResponse(ctx, nil, client.PostInput{Title: title, Content: content}, bearer(tokens.AccessToken))
		require.NoError(t, err)
		require.Equal(t, http.StatusCreated, created.StatusCode(), string(created.Body))
		require.Equal(t, content, created.JSON201.Content)
		listed, err := s.client(t).ListPostsWithResponse(ctx, &client.ListPostsParams{Limit: new(int32(1))})
		require.NoError(t, err)
		require.NotNil(t, listed.JSON200, string(listed.Body))
		posts := *listed.JSON200
		require.Len(t, posts, 1)
		require.Equal(t, title, posts[0].Title)
		require.Equal(t, content, posts[0].Content)
	}
}

// TestRequestsThatCannotBeReadEndTheConnection sends bytes that are not a request. net/http answers them in plain text.
func TestRequestsThatCannotBeReadEndTheConnection(t *testing.T) {
	t.Parallel()
	s := launch(t, nil)
	for name, c := range map[string]struct {
		raw    string
		status int
	}{
		"no HTTP":            {"nonsense\r\n\r\n", 400},
		"no host":            {"GET /posts HTTP/1.1\r\n\r\n", 400},
		"bad header":         {"GET /posts HTTP/1.1\r\nHost: x\r\nA B: c\r\n\r\n", 400},
		"two lengths":        {"POST /posts HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400},
		"odd expectation":    {"POST /posts HTTP/1.1\r\nHost: x\r\nExpect: miracles\r\nContent-Length: 1\r\n\r\nx", 417},
		"a token of 1 MB":    {"GET /users/me HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + strings.Repeat("a", 1<<20) + "\r\n\r\n", 431},
		"transfer encoding":  {"POST /posts HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n", 501},
		"HTTP of the future": {"GET /posts HTTP/9.1\r\nHost: x\r\n\r\n", 505},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conn := s.dial(t)
			go func() { _, _ = io.WriteString(conn, c.raw) }() // the server may answer and close before it has read everything
			answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
			require.NoError(t, err)
			require.Equal(t, c.status, answer.StatusCode)
			require.True(t, answer.Close)
			require.NotContains(t, answer.Header.Get("Content-Type"), "json")
		})
	}
}
