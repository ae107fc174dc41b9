package main

import (
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestMailServerIsDown: while no mail can be sent, requests are answered as usual, for every address alike. The mails follow
// when the server is back.
func TestMailServerIsDown(t *testing.T) {
	t.Parallel()
	onEveryStore(t, func(t *testing.T, env map[string]string) {
		if env["POSTERN_DATA_DIR"] == "" {
			env["POSTERN_DATA_DIR"] = t.TempDir()
		}
		free, err := net.Listen("tcp", "127.0.0.1:0")
		require.NoError(t, err)
		require.NoError(t, free.Close())
		env["POSTERN_SMTP_URL"], env["POSTERN_MAIL_FROM"] = "smtp+plain://"+free.Addr().String(), "postern@example.com"
		s := launch(t, env)
		s.signUp(t, ada)
		require.Eventually(t, func() bool { return strings.Contains(s.stderr.String(), "cannot send a mail at the moment") }, patience, 10*time.Millisecond)

		status, header, body := s.whole(t, http.MethodPost, "/password-resets", "", `{"email":"ada@example.com"}`)
		require.Equal(t, http.StatusAccepted, status)
		unknownStatus, unknownHeader, unknownBody := s.whole(t, http.MethodPost, "/password-resets", "", `{"email":"eve@example.com"}`)
		require.Equal(t, []any{status, header, body}, []any{unknownStatus, unknownHeader, unknownBody})
		require.Equal(t, http.StatusOK, s.status(t, http.MethodGet, "/readyz", "", ""))

		listener, err := net.Listen("tcp", free.Addr().String())
		require.NoError(t, err)
		server := serveSink(t, listener)
		require.Eventually(t, func() bool {
			// The waits after failed attempts are 10 seconds and longer.
			ask(t, env, "UPDATE outbox SET due_at = created_at WHERE attempts > 0 AND due_at > created_at RETURNING 1")
			mails, _ := server.seen()
			return len(mails) == 2
		}, patience, 50*time.Millisecond)
		mails, duplicates := server.seen()
		require.Contains(t, mails, "Confirm your e-mail address to "+ada)
		require.Contains(t, mails, "Set a new password to "+ada)
		require.Zero(t, duplicates)
	})
}
