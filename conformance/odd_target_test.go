package conformance_test

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/postern/conformance"
)

// TestReportCannotControlTheTerminal checks a server whose answers contain escape sequences in the name of a member.
func TestReportCannotControlTheTerminal(t *testing.T) {
	t.Parallel()
	report := conform(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"status":"ok","\u001b[2Jname":1}`))
	}), "^GetHealth/alive$")
	var text strings.Builder
	require.NoError(t, report.WriteText(&text))
	require.Contains(t, text.String(), "[2Jname")
	require.NotContains(t, text.String(), "\x1b")
}

// TestUnreachableSaysWhy checks a certificate that nobody knows, and answers that are not HTTP.
func TestUnreachableSaysWhy(t *testing.T) {
	t.Parallel()
	encrypted := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(encrypted.Close)
	encrypted.Config.ErrorLog = log.New(io.Discard, "", 0)
	odd := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		connection, _, err := http.NewResponseController(w).Hijack()
		if err == nil {
			_, _ = io.WriteString(connection, "HTTP/1.1 200 OK\r\n\x1b[2J\r\n\r\n")
			_ = connection.Close()
		}
	}))
	t.Cleanup(odd.Close)
	for target, reason := range map[string]string{encrypted.URL: "certificate", odd.URL: "malformed"} {
		_, err := conformance.Run(t.Context(), conformance.Options{Target: target})
		require.ErrorIs(t, err, conformance.ErrUnreachable)
		require.ErrorContains(t, err, reason)
		require.NotContains(t, err.Error(), "\x1b")
	}
}
