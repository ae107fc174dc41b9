package mail

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
)

// slowServer starts a server that says the lines of a script, one after each line of the client or its whole mail. Then it
// calls stuck, says nothing more, and holds the connection open.
func slowServer(t *testing.T, script []string, stuck func()) (url string) {
	t.Helper()
	listener := listen(t)
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		lines := bufio.NewReader(conn)
		for i, line := range script {
			for i > 0 {
				read, err := lines.ReadString('\n')
				if err != nil || !strings.HasPrefix(script[i-1], "354") || read == ".\r\n" {
					break
				}
			}
			_, _ = io.WriteString(conn, line+"\r\n")
		}
		if len(script) > 0 {
			_, _ = lines.ReadString('\n')
		}
		stuck()
		_, _ = io.Copy(io.Discard, lines) // until the client hangs up
		_ = conn.Close()
	}()
	return "smtp+plain://" + listener.Addr().String()
}

// A mail is not sent in time if the context ends, or if the server takes too long, in each step.
func TestAServerThatDoesNotAnswerInTime(t *testing.T) {
	t.Parallel()
	for _, script := range [][]string{{}, {"220 hello"}, {"220 hello", "250 mail.example"}, {"220 hello", "250 mail.example", "250 ok", "250 ok"}} {
		t.Run(fmt.Sprint(len(script)), func(t *testing.T) {
			t.Parallel()
			requireSlow := func(err error) {
				failure, ok := errors.AsType[*domain.MailError](err)
				require.True(t, ok, "%v", err)
				require.Equal(t, "the mail server does not answer in time", failure.Reason)
			}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			requireSlow(newMailer(t, slowServer(t, script, cancel)).Send(ctx, testMail("ada@example.org")))

			impatient := newMailer(t, slowServer(t, script, func() {}))
			impatient.timeout = 100 * time.Millisecond
			requireSlow(impatient.Send(t.Context(), testMail("ada@example.org")))
		})
	}
}

// A mail that the server has accepted is sent, even if the server does not say goodbye.
func TestAServerThatDoesNotSayGoodbye(t *testing.T) {
	t.Parallel()
	mailer := newMailer(t, slowServer(t, []string{"220 hello", "250 mail.example", "250 ok", "250 ok", "354 go on", "250 accepted"}, func() {}))
	mailer.timeout = time.Hour // the test would reach its own limit
	answer, err := mailer.Deliver(t.Context(), testMail("ada@example.org"))
	require.NoError(t, err)
	require.Equal(t, "accepted", answer)
}
