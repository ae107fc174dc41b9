package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

// accountCounter is a proxy that counts accounts.
type accountCounter struct {
	*httptest.Server
	created, deleted atomic.Int32
	posted           atomic.Bool
}

// countAccounts starts a proxy for a new service. It calls onPost before it passes the first new post on.
func countAccounts(t *testing.T, onPost func(*accountCounter)) *accountCounter {
	t.Helper()
	target, err := url.Parse(launch(t, nil).url)
	require.NoError(t, err)
	c := &accountCounter{}
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.ModifyResponse = func(got *http.Response) error {
		switch call := got.Request.Method + " " + got.Request.URL.Path; {
		case call == "POST /users" && got.StatusCode == http.StatusCreated:
			c.created.Add(1)
		case call == "DELETE /users/me" && got.StatusCode == http.StatusNoContent:
			c.deleted.Add(1)
		}
		return nil
	}
	c.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == "POST" && r.URL.Path == "/posts" && c.posted.CompareAndSwap(false, true) {
			onPost(c)
		}
		proxy.ServeHTTP(w, r)
	}))
	c.Start()
	t.Cleanup(c.Close)
	return c
}

// TestConformanceIsInterrupted sends the command a signal while it has accounts on the server.
func TestConformanceIsInterrupted(t *testing.T) {
	t.Parallel()
	posted, signalled := make(chan struct{}), make(chan struct{})
	service := countAccounts(t, func(*accountCounter) { close(posted); <-signalled })
	command := newProcess(t, nil, "conformance", "--target="+service.URL)
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	require.NoError(t, command.Start())
	<-posted
	require.NoError(t, command.Process.Signal(syscall.SIGINT))
	close(signalled)
	_ = command.Wait() // the exit code is checked instead
	require.Equal(t, exitFailed, command.ProcessState.ExitCode(), stderr.String())
	require.Equal(t, "postern: interrupted\n", stderr.String())
	require.Contains(t, stdout.String(), "skipped: the run was interrupted\n")
	require.NotZero(t, service.created.Load())
	require.Equal(t, service.created.Load(), service.deleted.Load(), "deleted accounts")
}

// TestConformanceOfAServerThatGoes stops the server during a run.
func TestConformanceOfAServerThatGoes(t *testing.T) {
	t.Parallel()
	service := countAccounts(t, func(c *accountCounter) { go c.Close() }) // Close waits for this request
	code, stdout, stderr := postern(t, nil, "conformance", "--target="+service.URL)
	require.Equal(t, exitUsage, code, stderr)
	require.Equal(t, "postern: --target has gone: the server stopped answering during the run\n", stderr)
	require.Contains(t, stdout, "skipped: the server is gone\n")
}
