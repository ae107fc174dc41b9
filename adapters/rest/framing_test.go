package rest_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/adapters/rest/resttest"
	"example.com/postern/api"
)

// unframed is an empty body of unknown length. The client sends it chunked, or as frames in HTTP/2.
type unframed struct{ io.Reader }

// TestEmptyBodyInEveryFraming logs out with an empty body.
func TestEmptyBodyInEveryFraming(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.signUp(adaEmail)
	http2 := httptest.NewUnstartedServer(s.Config.Handler)
	http2.EnableHTTP2 = true
	http2.StartTLS()
	t.Cleanup(http2.Close)
	for protocol, server := range map[int]*httptest.Server{1: s.Server, 2: http2} {
		for _, media := range []string{"", "application/json", "text/plain", formType} {
			token := s.logIn(adaEmail).AccessToken
			request, err := http.NewRequestWithContext(t.Context(), "POST", server.URL+"/logout", unframed{strings.NewReader("")})
			require.NoError(t, err)
			request.ContentLength = -1
			request.Header.Set("Authorization", "Bearer "+token)
			if media != "" {
				request.Header.Set("Content-Type", media)
			}
			client := &http.Client{Transport: resttest.NewTransport(t, server.Client().Transport)}
			answer, err := client.Do(request)
			require.NoError(t, err)
			answer.Body.Close()
			require.Equal(t, protocol, answer.ProtoMajor)
			require.Equal(t, http.StatusNoContent, answer.StatusCode, "HTTP/%d %q", protocol, media)
			require.Equal(t, http.StatusUnauthorized, s.send("GET", "/users/me", "", bearer(token)...).StatusCode, "the session has ended")
		}
	}
	chunked := func(method, target, media, chunks string) *http.Response {
		answers := s.raw(method + " " + target + " HTTP/1.1\r\nHost: x\r\nContent-Type: " + media + "\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks)
		require.Len(t, answers, 1)
		return answers[0]
	}
	require.Equal(t, http.StatusUnsupportedMediaType, chunked("POST", "/login", "text/plain", "1\r\na\r\n0\r\n\r\n").StatusCode)
	require.Equal(t, http.StatusUnprocessableEntity, chunked("POST", "/login", formType, "0\r\n\r\n").StatusCode)
	form := "username=ada@example.com&password=wrong"
	require.Equal(t, http.StatusForbidden, chunked("POST", "/login", formType, "1\r\nu\r\n"+"26\r\n"+form[1:]+"\r\n0\r\n\r\n").StatusCode)
}

// TestSlowBody lets the read deadline pass before the body has arrived.
func TestSlowBody(t *testing.T) {
	t.Parallel()
	s := newService(t)
	_, auth := s.signUp(adaEmail)
	handler := s.Config.Handler
	slow := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		require.NoError(t, http.NewResponseController(w).SetReadDeadline(time.Unix(1, 0)))
		handler.ServeHTTP(w, r)
	}))
	t.Cleanup(slow.Close)
	for name, head := range map[string]string{
		"JSON":         "POST /posts HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 27\r\n",
		"chunked":      "POST /posts HTTP/1.1\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n",
		"a form":       "POST /login HTTP/1.1\r\nContent-Type: " + formType + "\r\nContent-Length: 27\r\n",
		"OAuth's form": "POST /token HTTP/1.1\r\nContent-Type: " + formType + "\r\nContent-Length: 27\r\n",
	} {
		conn, err := net.Dial("tcp", strings.TrimPrefix(slow.URL, "http://"))
		require.NoError(t, err)
		defer conn.Close()
		_, err = io.WriteString(conn, head+"Host: x\r\nAuthorization: "+auth[1]+"\r\n\r\n")
		require.NoError(t, err)
		response, err := http.ReadResponse(bufio.NewReader(conn), nil)
		require.NoError(t, err, name)
		got := answer{Response: response}
		got.body, err = io.ReadAll(response.Body)
		require.NoError(t, err)
		require.Equal(t, http.StatusRequestTimeout, got.StatusCode, "%s: %s", name, got.body)
		got.decode(t, &got.problem)
		require.Equal(t, api.ProblemCode("request_timeout"), got.problem.Code)
		require.True(t, response.Close, "the rest of the body is not read")
	}
	broken := s.raw("POST /posts HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nAuthorization: " + auth[1] + "\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n")
	require.Equal(t, http.StatusBadRequest, broken[0].StatusCode, "broken framing is not a timeout")
}

// TestFilesInForms: a file is ignored like any unknown member.
func TestFilesInForms(t *testing.T) {
	t.Parallel()
	s := newService(t)
	s.signUp(adaEmail)
	part := func(disposition, value string) string {
		return "--b\r\nContent-Disposition: form-data; " + disposition + "\r\n\r\n" + value + "\r\n"
	}
	send := func(parts string) answer {
		return s.send("POST", "/login", parts+"--b--\r\n", "Content-Type", "multipart/form-data; boundary=b")
	}
	fine := part(`name="username"`, adaEmail) + part(`name="password"`, adaPassword)
	file := part(`name="avatar"; filename="a.png"`, "\x89PNG\xff\x00")
	require.Equal(t, http.StatusOK, send(file+fine).StatusCode)
	require.Equal(t, http.StatusOK, send(fine+file+file).StatusCode)
	require.Equal(t, http.StatusOK, send(fine+part(`name="avatar"; filename=""`, "")).StatusCode)
	require.Equal(t, http.StatusBadRequest, send(fine+strings.Repeat(file, 99)).StatusCode, "too many parts")
	require.Equal(t, http.StatusRequestEntityTooLarge, send(fine+part(`name="avatar"; filename="a"`, strings.Repeat("x", 16<<10))).StatusCode)
	require.Equal(t, []string{"body /password type"}, send(part(`name="username"`, adaEmail)+part(`name="password"; filename="p"`, adaPassword)).fields(),
		"a known member must be text")
}
