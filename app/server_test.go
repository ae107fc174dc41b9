package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

const signUp = `{"email": "late@example.com", "password": "` + goodPassword + `"}`

// hold sends the head of a sign-up, and returns when the handler waits for the body.
func hold(t *testing.T, s *instance) (net.Conn, *bufio.Reader) {
	t.Helper()
	conn := s.dial(t)
	_, err := fmt.Fprintf(conn, "POST /users HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"+
		"Content-Length: %d\r\nExpect: 100-continue\r\n\r\n", len(signUp))
	require.NoError(t, err)
	answers := bufio.NewReader(conn)
	line, err := answers.ReadString('\n')
	require.NoError(t, err)
	require.Equal(t, "HTTP/1.1 100 Continue\r\n", line)
	_, err = answers.ReadString('\n')
	require.NoError(t, err)
	return conn, answers
}

func requireRefused(t *testing.T, address string) {
	t.Helper()
	require.Eventually(t, func() bool {
		conn, err := net.Dial("tcp", address)
		if err == nil {
			_ = conn.Close()
		}
		return err != nil
	}, 5*time.Second, 5*time.Millisecond, "the listener closes")
}

func TestStopFinishesRequestsInFlight(t *testing.T) {
	t.Parallel()
	s := launch(t, nil)
	conn, answers := hold(t, s)
	s.stop()
	requireRefused(t, s.address)

	select {
	case err := <-s.done:
		t.Fatalf("stopped before the request was answered: %v", err)
	default:
	}
	_, err := io.WriteString(conn, signUp)
	require.NoError(t, err)
	answer, err := http.ReadResponse(answers, nil)
	require.NoError(t, err)
	require.Equal(t, http.StatusCreated, answer.StatusCode)
	require.NoError(t, <-s.done)
	require.Contains(t, s.stdout.String(), "Postern has stopped.")
}

func TestStopWithdrawsReadinessFirst(t *testing.T) {
	t.Parallel()
	s := launch(t, map[string]string{"POSTERN_DRAIN_DELAY": "2s"})
	api, ctx := s.client(t), t.Context()
	ready, err := api.GetReadinessWithResponse(ctx)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, ready.HTTPResponse.StatusCode)
	s.stop()
	require.Eventually(t, func() bool {
		ready, err = api.GetReadinessWithResponse(ctx)
		return err != nil || ready.HTTPResponse.StatusCode != http.StatusOK
	}, 2*time.Second, time.Millisecond)
	require.NoError(t, err)
	require.Equal(t, http.StatusServiceUnavailable, ready.HTTPResponse.StatusCode)
	require.Contains(t, string(ready.Body), `"draining"`)
	code, _, stderr := postern(t, nil, "healthcheck", "--addr="+s.address)
	require.Equal(t, exitFailed, code)
	require.Equal(t, "postern: not ready: the answer is Service Unavailable\n", stderr)
	posts, err := api.ListPostsWithResponse(ctx, nil)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, posts.HTTPResponse.StatusCode, "new requests are still answered")
	require.NoError(t, <-s.done)
	requireRefused(t, s.address)
}

func TestStopCutsOffSlowRequests(t *testing.T) {
	t.Parallel()
	s := launch(t, map[string]string{"POSTERN_SHUTDOWN_TIMEOUT": "1s"})
	_, answers := hold(t, s)
	require.NoError(t, s.shutDown(), "a slow client must not turn a stop into a failure")
	require.Contains(t, s.stderr.String(), "POSTERN_SHUTDOWN_TIMEOUT")
	rest, _ := io.ReadAll(answers)
	require.NotContains(t, string(rest), "201")
}

func TestServerHasTimeouts(t *testing.T) {
	t.Parallel()
	server := newServer(context.Background(), http.NotFoundHandler(), 620*time.Second, slog.New(slog.DiscardHandler))
	require.Equal(t, 5*time.Second, server.ReadHeaderTimeout)
	require.Equal(t, 15*time.Second, server.ReadTimeout)
	require.Equal(t, 30*time.Second, server.WriteTimeout)
	require.Equal(t, 620*time.Second, server.IdleTimeout)
	require.Equal(t, 64<<10, server.MaxHeaderBytes)
}

// pipeListener accepts one connection.
type pipeListener struct {
	net.Listener
	connections chan net.Conn
}

func (l pipeListener) Accept() (net.Conn, error) {
	c, open := <-l.connections
	if !open {
		return nil, net.ErrClosed
	}
	return c, nil
}

func (pipeListener) Close() error { return nil }

func (pipeListener) Addr() net.Addr { return &net.TCPAddr{} }

// defaultOf returns the default of a flag of serve.
func defaultOf(t *testing.T, flag string) string {
	t.Helper()
	parser, err := newParser(io.Discard)
	require.NoError(t, err)
	for _, f := range parser.Model.DefaultCmd.Flags {
		if f.Name == flag {
			return f.Default
		}
	}
	require.FailNow(t, "no such flag")
	return ""
}

func TestIdleConnectionsAreClosedAfterTheSettingOnly(t *testing.T) {
	t.Parallel()
	require.Equal(t, "620s", defaultOf(t, "idle-timeout"), "longer than the 600 s of Google's load balancers")
	for _, idle := range []time.Duration{2 * time.Second, 620 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			l := pipeListener{connections: make(chan net.Conn, 1)}
			server := newServer(t.Context(), http.NotFoundHandler(), idle, slog.New(slog.DiscardHandler))
			served := make(chan error)
			go func() { served <- server.Serve(l) }()
			conn, side := net.Pipe()
			l.connections <- side
			answers := bufio.NewReader(conn)
			for range 2 {
				_, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: h\r\n\r\n")
				require.NoError(t, err)
				answer, err := http.ReadResponse(answers, nil)
				require.NoError(t, err)
				_, err = io.Copy(io.Discard, answer.Body)
				require.NoError(t, err)
				time.Sleep(idle - time.Second)
			}
			began := time.Now()
			_, err := answers.ReadByte()
			require.ErrorIs(t, err, io.EOF)
			require.Equal(t, time.Second, time.Since(began))
			close(l.connections)
			require.ErrorIs(t, <-served, net.ErrClosed)
		})
	}
}

func TestSlowConnectionsDoNotSlowOthers(t *testing.T) {
	t.Parallel()
	s := launch(t, nil)
	for range 400 {
		_, err := io.WriteString(s.dial(t), "GET /posts HTTP/1.1\r\nHost: h\r\nX-Slow: ")
		require.NoError(t, err)
	}
	fast := http.Client{Timeout: patience} // serving 400 connections one after the other would take half an hour
	for range 20 {
		answer, err := fast.Get(s.url + "/posts")
		require.NoError(t, err)
		require.NoError(t, answer.Body.Close())
		require.Equal(t, http.StatusOK, answer.StatusCode)
	}
}

func TestHeadersAreBounded(t *testing.T) {
	t.Parallel()
	s := launch(t, nil)
	for size, status := range map[int]int{32 << 10: http.StatusOK, 100 << 10: http.StatusRequestHeaderFieldsTooLarge} {
		conn := s.dial(t)
		_, err := fmt.Fprintf(conn, "GET /posts HTTP/1.1\r\nHost: h\r\nX-Large: %s\r\n\r\n", strings.Repeat("a", size))
		require.NoError(t, err)
		answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
		require.NoError(t, err)
		require.Equal(t, status, answer.StatusCode, "a header of %d bytes", size)
	}
}

func TestOptionsOfTheWholeServerGetsAProblem(t *testing.T) {
	t.Parallel()
	s := launch(t, nil)
	conn := s.dial(t)
	_, err := io.WriteString(conn, "OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n")
	require.NoError(t, err)
	answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
	require.NoError(t, err)
	require.Equal(t, http.StatusNotFound, answer.StatusCode)
	require.Equal(t, "nosniff", answer.Header.Get("X-Content-Type-Options"))
}

func TestDebugListenerIsSeparate(t *testing.T) {
	t.Parallel()
	s := launch(t, nil, "--debug-addr=127.0.0.1:0")
	_, line, found := strings.Cut(s.stdout.String(), "Debugging    ")
	require.True(t, found)
	debug, _, _ := strings.Cut(line, "/pprof/")
	for url, status := range map[string]int{
		debug + "/pprof/":                              http.StatusOK,
		debug + "/pprof/goroutine":                     http.StatusOK,
		debug + "/vars":                                http.StatusOK,
		s.url + "/debug/pprof/":                        http.StatusNotFound,
		s.url + "/debug/vars":                          http.StatusNotFound,
		strings.TrimSuffix(debug, "/debug") + "/posts": http.StatusNotFound,
	} {
		answer, err := http.Get(url)
		require.NoError(t, err)
		require.NoError(t, answer.Body.Close())
		require.Equal(t, status, answer.StatusCode, url)
	}
	require.NoError(t, s.shutDown())
	_, err := http.Get(debug + "/vars")
	require.Error(t, err, "the debug listener stops with the service")
}
