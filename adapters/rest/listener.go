package rest

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"
)

// NewListener returns l, except that what net/http answers by itself, before there is a request for the handler, such as
// 400 for broken framing and 431 for too large a header, is a problem document too, and is logged.
func NewListener(l net.Listener, log *slog.Logger) net.Listener { return listener{l, log} }

type listener struct {
	net.Listener
	log *slog.Logger
}

// Accept implements [net.Listener].
func (l listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return conn{c, l.log}, nil
}

type conn struct {
	net.Conn
	log *slog.Logger
}

// CloseWrite lets net/http end its side first, so that the client gets to read the answer.
func (c conn) CloseWrite() error {
	if half, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}

// Write implements [io.Writer]. net/http has no hook for these answers, but writes each of them whole, at once, and in a
// form that the handler never uses.
func (c conn) Write(b []byte) (int, error) {
	status, found := serverError(b)
	if !found {
		return c.Conn.Write(b)
	}
	id := rand.Text()
	c.log.Info("request refused before it was read", "request_id", id, "status", status)
	if _, err := c.Conn.Write(serverProblem(status, id)); err != nil {
		return 0, err
	}
	return len(b), nil
}

var (
	statusLine      = []byte("HTTP/1.1 ")
	serverErrorHead = []byte("\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n")
	expectationHead = []byte("417 ")
)

// serverError tells whether b is an answer of net/http's own, and its status.
func serverError(b []byte) (status int, found bool) {
	rest, ok := bytes.CutPrefix(b, statusLine)
	if !ok || len(rest) < 4 || rest[0] < '4' {
		return 0, false
	}
	end := bytes.IndexByte(rest, '\r')
	if end < 0 || !bytes.HasPrefix(rest[end:], serverErrorHead) && !bytes.HasPrefix(rest, expectationHead) {
		return 0, false
	}
	status, err := strconv.Atoi(string(rest[:3]))
	return status, err == nil
}

func serverProblem(status int, id string) []byte {
	failure := errRequest
	if status == http.StatusRequestHeaderFieldsTooLarge {
		failure = errHeaderTooLarge
	}
	body := problemBody(newProblem(failure, status, id, nil))
	header := http.Header{"X-Request-Id": {id}, "Connection": {"close"}, "Content-Length": {strconv.Itoa(len(body))}}
	setSecurityHeaders(header)
	setProblemHeaders(header, failure, status)
	var answer bytes.Buffer
	fmt.Fprintf(&answer, "%s%d %s\r\n", statusLine, status, http.StatusText(status))
	_ = header.Write(&answer) // into memory: cannot fail
	answer.WriteString("\r\n")
	answer.Write(body)
	return answer.Bytes()
}
