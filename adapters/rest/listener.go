package rest

import (
	"bytes"
	"crypto/rand"
	"fmt"
	"net"
	"net/http"
	"strconv"
)

// NewListener returns l, except that what net/http answers by itself, before there is a request for the handler, such as
// 400 for broken framing and 431 for too large a header, is a problem document too.
func NewListener(l net.Listener) net.Listener { return listener{l} }

type listener struct{ net.Listener }

// Accept implements [net.Listener].
func (l listener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return conn{c}, nil
}

type conn struct{ net.Conn }

// Write implements [io.Writer]. net/http has no hook for these answers, but writes each of them whole, at once, and in a
// form that the handler never uses.
func (c conn) Write(b []byte) (int, error) {
	status, found := serverError(b)
	if !found {
		return c.Conn.Write(b)
	}
	if _, err := c.Conn.Write(serverProblem(status)); err != nil {
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

func serverProblem(status int) []byte {
	failure := errRequest
	if status == http.StatusRequestHeaderFieldsTooLarge {
		failure = errHeaderTooLarge
	}
	id := rand.Text()
	body := problemBody(failure, status, id, nil)
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
