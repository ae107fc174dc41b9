package mail

import (
	"crypto/x509"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"mime/quotedprintable"
	"net"
	netmail "net/mail"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/stretchr/testify/require"

	"example.com/postern/domain"
)

func testMail(to domain.Email) domain.Mail {
	return domain.Mail{ID: "ABC123", To: to, Subject: "Reset your password 🦉", Text: "A line.\n\nhttps://example.org/account#t=x\n", HTML: "<p>A line.</p>"}
}

func TestAMailArrives(t *testing.T) {
	t.Parallel()
	for scheme, how := range map[string]security{"smtp": startTLS, "smtps": implicitTLS, "smtp+plain": plain} {
		for _, user := range []string{"", "user%40relay:p%3Ass@"} {
			if scheme == "smtp+plain" && user != "" {
				continue
			}
			server := startServer(t, how)
			answer, err := server.mailer(t, scheme, user).Deliver(t.Context(), testMail("Ada@bücher.example"))
			require.NoError(t, err, scheme+user)
			require.NotEmpty(t, answer)
			require.NoError(t, server.mailer(t, scheme, user).Check(t.Context()))
			mails := server.mails()
			require.Len(t, mails, 1)
			require.Equal(t, "postern@xn--bcher-kva.example", mails[0].from)
			require.Equal(t, []string{"Ada@xn--bcher-kva.example"}, mails[0].to)
			requireMessage(t, mails[0].text)
		}
	}
}

// requireMessage checks every header, and both texts.
func requireMessage(t *testing.T, text string) {
	t.Helper()
	m, err := netmail.ReadMessage(strings.NewReader(text))
	require.NoError(t, err)
	date, err := m.Header.Date()
	require.NoError(t, err)
	require.WithinDuration(t, time.Now(), date, time.Hour)
	kind, params, err := mime.ParseMediaType(m.Header.Get("Content-Type"))
	require.NoError(t, err)
	require.Equal(t, "multipart/alternative", kind)
	subject, err := new(mime.WordDecoder).DecodeHeader(m.Header.Get("Subject"))
	require.NoError(t, err)
	require.Equal(t, "Reset your password 🦉", subject)
	for _, name := range []string{"Date", "Content-Type", "Subject"} {
		delete(m.Header, name)
	}
	require.Equal(t, netmail.Header{
		"Auto-Submitted": {"auto-generated"},
		"From":           {`"Postern" <postern@xn--bcher-kva.example>`},
		"Message-Id":     {"<ABC123@xn--bcher-kva.example>"},
		"Mime-Version":   {"1.0"},
		"To":             {"<Ada@xn--bcher-kva.example>"},
	}, m.Header)
	parts := multipart.NewReader(m.Body, params["boundary"])
	for _, want := range []struct{ kind, text string }{{"text/plain", "A line.\r\n\r\nhttps://example.org/account#t=x\r\n"}, {"text/html", "<p>A line.</p>"}} {
		part, err := parts.NextRawPart()
		require.NoError(t, err)
		require.Equal(t, want.kind+"; charset=UTF-8", part.Header.Get("Content-Type"))
		body, err := io.ReadAll(quotedprintable.NewReader(part))
		require.NoError(t, err)
		require.Equal(t, want.text, string(body))
	}
	_, err = parts.NextPart()
	require.ErrorIs(t, err, io.EOF)
}

// An address either is refused, or adds exactly one recipient and no header.
func TestAnAddressAddsNothing(t *testing.T) {
	t.Parallel()
	server := startServer(t, plain)
	mailer := server.mailer(t, "smtp+plain", "")
	require.NoError(t, mailer.Send(t.Context(), testMail("ada@example.org")))
	usual := len(header(t, server.mails()[0].text))
	accepted := 0
	for _, insert := range []string{"\r\nBcc: eve@evil.example", "\nBcc: eve@evil.example", "\rX", "\x00", ",eve@evil.example", ";eve@evil.example",
		" ", ">", "<", "\">\r\nRCPT TO:<eve@evil.example>", "(c)", "\\", "\u2028", "\u0085", "\u010a", "\u010d", "\uff0c", "\uff20", "\u3002", "\u200b", "\u202e",
		"\uff1c", "\uff1e", "\ue000", "\xff", "%0d%0aBcc:eve", "=?utf-8?q?=0d=0aBcc:_eve=40evil.example?=", "ſ", "K", "ß", "é", "／"} {
		for _, address := range []string{"ada" + insert + "@example.org", "ada@exa" + insert + "mple.org", "ada@example.org" + insert, insert + "ada@example.org"} {
			before := len(server.mails())
			err := mailer.Send(t.Context(), testMail(domain.Email(address)))
			email, valid := domain.ParseEmail(address)
			if !valid {
				require.ErrorIs(t, err, domain.ErrMailRefused, "%q", address)
				require.Len(t, server.mails(), before, "%q", address)
				continue
			}
			require.NoError(t, err, "%q", address)
			require.Len(t, server.mails(), before+1, "%q", address)
			got := server.mails()[before]
			require.Equal(t, []string{email.ASCII()}, got.to)
			require.Len(t, header(t, got.text), usual, "%q", address)
			accepted++
		}
	}
	require.NotZero(t, accepted, "the test also covers addresses that are valid")
}

func header(t *testing.T, text string) netmail.Header {
	t.Helper()
	m, err := netmail.ReadMessage(strings.NewReader(text))
	require.NoError(t, err)
	return m.Header
}

func TestRefusalsOfAServer(t *testing.T) {
	t.Parallel()
	reply := func(code int) error { return &smtp.SMTPError{Code: code, Message: "ada@example.org: not here"} }
	for name, c := range map[string]struct {
		set    func(*testServer)
		kind   error // nil: neither for good nor for all mails
		status int
	}{
		"an unknown recipient":   {func(s *testServer) { s.onRcpt = reply(550) }, domain.ErrMailRefused, 550},
		"a recipient for now":    {func(s *testServer) { s.onRcpt = reply(450) }, nil, 450},
		"the text":               {func(s *testServer) { s.onData = reply(554) }, domain.ErrMailRefused, 554},
		"the text for now":       {func(s *testServer) { s.onData = reply(451) }, nil, 451},
		"the sender":             {func(s *testServer) { s.onMail = reply(553) }, domain.ErrMailServer, 553},
		"everything for now":     {func(s *testServer) { s.onMail = reply(421) }, domain.ErrMailServer, 421},
		"the password":           {func(s *testServer) { s.onAuth = smtp.ErrAuthFailed }, domain.ErrMailServer, 535},
		"by cutting in the text": {func(s *testServer) { s.cutInData = true }, nil, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := startServer(t, startTLS)
			c.set(server)
			requireFailure(t, server.mailer(t, "smtp", "user%40relay:p%3Ass@").Send(t.Context(), testMail("ada@example.org")), c.kind, c.status)
			require.Empty(t, server.mails())
		})
	}
}

// requireFailure checks an error of Send. Its text names no address.
func requireFailure(t *testing.T, err error, kind error, status int) {
	t.Helper()
	failure, ok := errors.AsType[*domain.MailError](err)
	require.True(t, ok, "%v", err)
	require.Equal(t, kind, failure.Kind, failure.Reason)
	require.Equal(t, status, failure.Status, failure.Reason)
	require.NotContains(t, err.Error(), "@")
	require.NotContains(t, err.Error(), "p:ss")
}

func TestAServerThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	// No certificate authority trusts the server.
	for scheme, how := range map[string]security{"smtp": startTLS, "smtps": implicitTLS} {
		mailer := startServer(t, how).mailer(t, scheme, "")
		mailer.roots = x509.NewCertPool()
		err := mailer.Check(t.Context())
		requireFailure(t, err, domain.ErrMailServer, 0)
		require.ErrorContains(t, err, "certificate")
	}
	// A server without STARTTLS gets neither a password nor a mail.
	server := startServer(t, plain)
	err := server.mailer(t, "smtp", "").Send(t.Context(), testMail("ada@example.org"))
	requireFailure(t, err, domain.ErrMailServer, 0)
	require.ErrorContains(t, err, "STARTTLS")
	require.Empty(t, server.mails())

	err = startServer(t, startTLS).mailer(t, "smtps", "").Check(t.Context())
	requireFailure(t, err, domain.ErrMailServer, 0)
	require.ErrorContains(t, err, "speak TLS")

	err = newMailer(t, "smtp://nowhere.invalid").Check(t.Context())
	requireFailure(t, err, domain.ErrMailServer, 0)
	require.ErrorContains(t, err, "resolved")

	listener := listen(t)
	port := listener.Addr().(*net.TCPAddr).Port
	require.NoError(t, listener.Close())
	err = newMailer(t, "smtp://127.0.0.1:"+strconv.Itoa(port)).Check(t.Context())
	requireFailure(t, err, domain.ErrMailServer, 0)
	require.ErrorContains(t, err, "refused")
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	return listener
}

func TestAGreetingThatRefuses(t *testing.T) {
	t.Parallel()
	listener := listen(t)
	go func() {
		if conn, err := listener.Accept(); err == nil {
			_, _ = io.WriteString(conn, "554 no\r\n")
			_ = conn.Close()
		}
	}()
	err := newMailer(t, "smtp+plain://"+listener.Addr().String()).Send(t.Context(), testMail("ada@example.org"))
	requireFailure(t, err, domain.ErrMailServer, 554)
}
