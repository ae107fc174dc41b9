package rest_test

import (
	"bufio"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/postern/adapters/rest"
	"example.com/postern/adapters/rest/resttest"
)

// rawTransport sends fixed octets, whatever the request.
type rawTransport struct{ address, octets string }

func (r rawTransport) RoundTrip(request *http.Request) (*http.Response, error) {
	conn, err := net.Dial("tcp", r.address)
	if err != nil {
		return nil, err
	}
	// The server may answer and close before it has read everything.
	go func() { _, _ = io.WriteString(conn, r.octets) }()
	return http.ReadResponse(bufio.NewReader(conn), request)
}

func TestAnswersBeforeTheHandlerAreProblems(t *testing.T) {
	t.Parallel()
	s := newService(t)
	server := httptest.NewUnstartedServer(s.Config.Handler)
	server.Config.MaxHeaderBytes = 64 << 10
	server.Listener = rest.NewListener(server.Listener, slog.New(slog.NewJSONHandler(s.log, nil)))
	server.Start()
	t.Cleanup(server.Close)
	for name, c := range map[string]struct {
		octets string
		status int
	}{
		"no HTTP":             {"nonsense\r\n\r\n", 400},
		"no host":             {"GET /posts HTTP/1.1\r\n\r\n", 400},
		"bad header":          {"GET /posts HTTP/1.1\r\nHost: x\r\nA B: c\r\n\r\n", 400},
		"bad escape in path":  {"GET /posts/%zz HTTP/1.1\r\nHost: x\r\n\r\n", 400},
		"two lengths":         {"POST /posts HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400},
		"transfer encoding":   {"POST /posts HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip\r\n\r\n", 501},
		"HTTP of the future":  {"GET /posts HTTP/9.1\r\nHost: x\r\n\r\n", 505},
		"odd expectation":     {"POST /posts HTTP/1.1\r\nHost: x\r\nExpect: miracles\r\nContent-Length: 1\r\n\r\nx", 417},
		"a token of 1 MB":     {"GET /users/me HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + strings.Repeat("a", 1<<20) + "\r\n\r\n", 431},
		"an endless header":   {"GET /users/me HTTP/1.1\r\nHost: x\r\n" + strings.Repeat("A: b\r\n", 100_000), 431},
		"a path that is long": {"GET /" + strings.Repeat("a", 1<<20) + " HTTP/1.1\r\nHost: x\r\n\r\n", 431},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			transport := resttest.NewTransport(t, rawTransport{server.Listener.Addr().String(), c.octets})
			request, err := http.NewRequestWithContext(t.Context(), "GET", server.URL+"/nothing", nil)
			require.NoError(t, err)
			got, err := transport.RoundTrip(request)
			require.NoError(t, err)
			require.Equal(t, c.status, got.StatusCode)
			require.True(t, got.Close)
			body, err := io.ReadAll(got.Body)
			require.NoError(t, err)
			require.Contains(t, string(body), fmt.Sprintf(`"status":%d`, c.status))
			require.Contains(t, s.log.String(), got.Header.Get("X-Request-Id"))
		})
	}
}
