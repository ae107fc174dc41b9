package main

import (
	"encoding/json"
	"encoding/xml"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/postern/conformance"
)

// TestConformance checks the service through a TCP relay.
func TestConformance(t *testing.T) {
	t.Parallel()
	onEveryStore(t, func(t *testing.T, env map[string]string) {
		s := launch(t, env)
		target := "--target=http://" + relay(t, s.address)
		for _, level := range []string{"lesson", "shape", "behaviour", "hardening"} {
			var report, errs strings.Builder // the command may take longer than postern allows
			code := start(t.Context(), []string{"conformance", target, "--level=" + level}, nil, nil, &report, &errs)
			require.Zero(t, code, errs.String()+report.String())
			require.Regexp(t, `^level `+level+`: \d+ cases: \d+ ok, 0 failed \(0 causes\), 0 skipped, in [0-9.]+ s\n$`, report.String())
		}
	})
}

func TestConformanceFormats(t *testing.T) {
	t.Parallel()
	target, file := "--target="+launch(t, nil).url, filepath.Join(t.TempDir(), "report")
	run := func(format string) []byte {
		code, stdout, stderr := postern(t, nil, "conformance", target, "--run=^GetHealth/", "--format="+format, "--output="+file)
		require.Zero(t, code, stderr)
		require.Empty(t, stdout)
		text, err := os.ReadFile(file)
		require.NoError(t, err)
		return text
	}
	require.Contains(t, string(run("text")), "level behaviour: ")
	require.NoError(t, xml.Unmarshal(run("junit"), new(struct {
		XMLName xml.Name `xml:"testsuites"`
	})))
	require.True(t, json.Valid(run("json")))
}

// TestConformanceWithAnAccount passes the password in each possible way. The account can still be used afterwards.
func TestConformanceWithAnAccount(t *testing.T) {
	t.Parallel()
	s := launch(t, nil)
	before := s.signUp(t, ada)
	target, some := "--target="+s.url, "--run=^(GetPost|GetCurrentUser)/"
	file := filepath.Join(t.TempDir(), "password")
	require.NoError(t, os.WriteFile(file, []byte(goodPassword), 0o600))
	for name, c := range map[string]struct {
		env, args []string
		stdin     string
	}{
		"variable": {env: []string{"POSTERN_CONFORMANCE_PASSWORD=" + goodPassword}},
		"file":     {env: []string{"POSTERN_CONFORMANCE_PASSWORD_FILE=" + file}},
		"flag":     {args: []string{"--password=" + goodPassword}},
		"input":    {stdin: goodPassword + "\n"},
	} {
		code, stdout, stderr := posternReading(t, c.stdin, c.env, append([]string{"conformance", target, some, "--email=" + ada}, c.args...)...)
		require.Zero(t, code, "%s: %s%s", name, stderr, stdout)
		require.NotContains(t, stdout+stderr, goodPassword)
	}
	require.Equal(t, 200, s.me(t, before.AccessToken))
	s.logIn(t, ada, goodPassword)
}

func TestConformanceFindsABreach(t *testing.T) {
	t.Parallel()
	answers := answering(t, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nOK")
	code, stdout, stderr := postern(t, nil, "conformance", "--target=http://"+answers, "--run=^GetHealth/alive$")
	require.Equal(t, exitFailed, code)
	require.Contains(t, stdout, "contract  #/paths/~1healthz/get/responses/200/")
	require.Contains(t, stdout, "cases     GetHealth/alive\n")
	require.Contains(t, stdout, "curl -sSi")
	require.Contains(t, stdout, "1 case: 0 ok, 1 failed")
	require.Equal(t, "postern: the server breaks the contract: 1 of 1 cases failed\n", stderr)
}

func TestConformanceRefusals(t *testing.T) {
	t.Parallel()
	nobody := "--target=http://127.0.0.1:1"
	for name, c := range map[string]struct {
		args []string
		says string
	}{
		"nothing answers":      {[]string{nobody}, "--target leads to no server: no answer came: dial tcp 127.0.0.1:1: "},
		"no URL":               {[]string{"--target=" + canary}, "--target must be http:// or https://"},
		"a path":               {[]string{"--target=http://example.com/" + canary}, "--target must be http:// or https://"},
		"a time too long":      {[]string{"--timeout=2h"}, "--timeout must be a time from 1s to 1m"},
		"no pattern":           {[]string{"--run=(" + canary}, "--run must be a regular expression"},
		"no account":           {[]string{nobody, "--password=" + canary}, "--email is missing"},
		"no password":          {[]string{nobody, "--email=ada@example.com"}, "no password was given"},
		"a folder for a file":  {[]string{nobody, "--output=" + t.TempDir()}, "--output names a file that cannot be written"},
		"no level":             {[]string{"--level=" + canary}, "--level must be one of lesson, shape, behaviour, hardening"},
		"no format":            {[]string{"--format=" + canary}, "--format must be one of text, junit, json"},
		"an argument too many": {[]string{nobody, canary}, "neither a command nor a flag"},
	} {
		code, stdout, stderr := postern(t, nil, append([]string{"conformance"}, c.args...)...)
		require.NotZero(t, code, name)
		require.Empty(t, stdout, name)
		require.Contains(t, stderr, c.says, name)
		require.NotContains(t, stderr, canary, name)
	}
	answers := answering(t, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
	code, _, stderr := postern(t, nil, "conformance", "--target=http://"+answers, "--run=^nothing$")
	require.Equal(t, exitUsage, code)
	require.Contains(t, stderr, "--run matches no case")
}

func TestConformanceList(t *testing.T) {
	t.Parallel()
	code, stdout, stderr := postern(t, nil, "conformance", "--list")
	require.Zero(t, code, stderr)
	names, err := conformance.Cases()
	require.NoError(t, err)
	require.Equal(t, strings.Join(names, "\n")+"\n", stdout)
}

// relay forwards TCP connections to an address until the test ends, and returns its own address.
func relay(t *testing.T, address string) string {
	t.Helper()
	return serveTCP(t, func(conn net.Conn) {
		onward, err := net.Dial("tcp", address)
		if err != nil {
			return
		}
		defer onward.Close()
		back := make(chan struct{})
		go func() {
			defer close(back)
			_, _ = io.Copy(conn, onward)
			_ = conn.(*net.TCPConn).CloseWrite()
		}()
		_, _ = io.Copy(onward, conn)
		_ = onward.(*net.TCPConn).CloseWrite()
		<-back
	})
}

// answering starts a server that gives the same answer to every request.
func answering(t *testing.T, text string) string {
	t.Helper()
	return serveTCP(t, func(conn net.Conn) {
		_, _ = conn.Read(make([]byte, 4096))
		_, _ = io.WriteString(conn, text)
	})
}

func serveTCP(t *testing.T, serve func(net.Conn)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				serve(conn)
			}()
		}
	}()
	return listener.Addr().String()
}
