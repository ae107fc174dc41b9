package rest_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	postern "example.com/postern"
	"example.com/postern/adapters/rest"
	"example.com/postern/api"
)

func TestProbes(t *testing.T) {
	t.Parallel()
	var ready error
	s := newService(t, func(o *rest.Options) { o.Ready = func(context.Context) error { return ready } })
	require.JSONEq(t, `{"status":"ok"}`, string(s.send("GET", "/healthz", "").body))
	require.JSONEq(t, `{"status":"ok"}`, string(s.send("GET", "/readyz", "").body))
	for cause, code := range map[error]api.ProblemCode{rest.ErrDraining: "draining", errors.New("cause"): "store_unavailable", context.DeadlineExceeded: "store_unavailable"} {
		ready = cause
		got := s.send("GET", "/readyz", "")
		require.Equal(t, http.StatusServiceUnavailable, got.StatusCode)
		require.Equal(t, code, got.problem.Code)
		require.Equal(t, http.StatusOK, s.send("GET", "/healthz", "").StatusCode)
	}
}

func TestOpenAPIDocuments(t *testing.T) {
	t.Parallel()
	s := newService(t)
	yaml := s.send("GET", "/openapi.yaml", "")
	require.Equal(t, "application/yaml", yaml.Header.Get("Content-Type"))
	require.Equal(t, string(postern.OpenAPI), string(yaml.body))
	described := s.send("GET", "/openapi.json", "")
	require.Equal(t, "application/json", described.Header.Get("Content-Type"))
	var document map[string]any
	described.decode(t, &document)
	require.Equal(t, "3.0.3", document["openapi"])
	again := s.send("GET", "/openapi.json", "", "If-None-Match", described.Header.Get("ETag"))
	require.Equal(t, http.StatusNotModified, again.StatusCode)
	require.Equal(t, http.StatusOK, s.send("GET", "/openapi.json", "", "Range", "bytes=9999999-", "If-Match", `"x"`).StatusCode)
	require.Equal(t, http.StatusOK, s.send("HEAD", "/openapi.json", "").StatusCode)
}

func TestSecurityHeaders(t *testing.T) {
	t.Parallel()
	s := newService(t)
	for _, got := range []answer{s.send("GET", "/posts", ""), s.send("GET", "/nothing", ""), s.send("POST", "/login", "")} {
		require.Equal(t, "nosniff", got.Header.Get("X-Content-Type-Options"))
		require.Contains(t, got.Header.Get("Content-Security-Policy"), "frame-ancestors 'none'")
		require.Equal(t, "no-store", got.Header.Get("Cache-Control"))
		for _, banner := range []string{"Server", "X-Powered-By", "Via", "Access-Control-Allow-Origin", "Strict-Transport-Security"} {
			require.Empty(t, got.Header.Get(banner))
		}
	}
}

// raw sends data and returns the answers that come until the server closes the connection.
func (s *service) raw(data string) []*http.Response {
	s.t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(s.URL, "http://"))
	require.NoError(s.t, err)
	defer conn.Close()
	_, err = io.WriteString(conn, data)
	require.NoError(s.t, err)
	var answers []*http.Response
	for reader := bufio.NewReader(conn); ; {
		response, err := http.ReadResponse(reader, nil)
		if err != nil {
			return answers
		}
		body, _ := io.ReadAll(response.Body)
		response.Body = io.NopCloser(strings.NewReader(string(body)))
		answers = append(answers, response)
	}
}

func TestFramingErrorsCloseTheConnection(t *testing.T) {
	t.Parallel()
	s := newService(t)
	hidden := "DELETE /posts/1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
	for name, head := range map[string]string{
		"two lengths":           "Content-Length: 5\r\nContent-Length: 6\r\n",
		"length and chunked":    "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
		"odd transfer encoding": "Transfer-Encoding: gzip, chunked\r\n",
		"negative length":       "Content-Length: -1\r\n",
		"space before colon":    "Content-Length : 5\r\n",
	} {
		answers := s.raw("POST /posts HTTP/1.1\r\nHost: x\r\n" + head + "\r\nhello" + hidden)
		require.LessOrEqual(t, len(answers), 1, name)
		for _, a := range answers {
			require.GreaterOrEqual(t, a.StatusCode, 400, name)
		}
		require.NotContains(t, s.log.String(), "DeletePost", name)
	}
}

// TestRequestInAnUnreadBody sends a request as the body of another one, which is rejected before its body is read.
func TestRequestInAnUnreadBody(t *testing.T) {
	t.Parallel()
	s := newService(t)
	hidden := "DELETE /posts/1 HTTP/1.1\r\nHost: x\r\n\r\n"
	visible := "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
	answers := s.raw("POST /posts HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: " + strconv.Itoa(len(hidden)) + "\r\n\r\n" + hidden + visible)
	require.Len(t, answers, 2)
	require.Equal(t, http.StatusUnauthorized, answers[0].StatusCode)
	require.Equal(t, http.StatusOK, answers[1].StatusCode)
	require.NotContains(t, s.log.String(), "DeletePost")
}

// TestLengthAndChunkedCloseTheConnection: a proxy may take the bytes after such a request for a part of its body.
func TestLengthAndChunkedCloseTheConnection(t *testing.T) {
	t.Parallel()
	s := newService(t)
	hidden := "GET /users/1 HTTP/1.1\r\nHost: x\r\n\r\n"
	answers := s.raw("POST /login HTTP/1.1\r\nHost: x\r\nContent-Type: " + formType + "\r\nContent-Length: 60\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + hidden)
	require.Len(t, answers, 1)
	require.NotContains(t, s.log.String(), "GetUser")
}

// TestManyUnknownMembers would take hours if the cost were quadratic.
func TestManyUnknownMembers(t *testing.T) {
	t.Parallel()
	s := newService(t)
	_, auth := s.signUp(adaEmail)
	var body strings.Builder
	for i := range 100_000 {
		fmt.Fprintf(&body, `,"k%d":1`, i)
	}
	got := s.sendJSON("POST", "/posts", `{"title":"t"`+body.String()+`}`, auth...)
	require.Equal(t, http.StatusUnprocessableEntity, got.StatusCode)
	require.Equal(t, "body /content required", got.fields()[0])
	require.Len(t, got.fields(), 100)
}

func TestHostDoesNotChangeLinks(t *testing.T) {
	t.Parallel()
	s := newService(t)
	_, auth := s.signUp(adaEmail)
	created := s.sendJSON("POST", "/posts", `{"title":"t","content":"c"}`, append(auth, "X-Forwarded-Host", "evil.example", "X-Forwarded-Proto", "gopher")...)
	require.Equal(t, "/posts/1", created.Header.Get("Location"))
}
