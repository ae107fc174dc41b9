package main

import (
	"errors"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-smtp"
	"github.com/stretchr/testify/require"

	"example.com/postern/adapters/metrics"
	"example.com/postern/adapters/postgres"
	"example.com/postern/adapters/sqlite"
	client "example.com/postern/api/client/wire"
	"example.com/postern/domain"
)

// mailServer is a mail server without encryption. It refuses a recipient if refusal is not nil.
type mailServer struct {
	refusal error
	texts   chan string
}

func (s *mailServer) NewSession(*smtp.Conn) (smtp.Session, error) { return s, nil }
func (s *mailServer) Mail(string, *smtp.MailOptions) error        { return nil }
func (s *mailServer) Rcpt(string, *smtp.RcptOptions) error        { return s.refusal }
func (s *mailServer) Reset()                                      {}
func (s *mailServer) Logout() error                               { return nil }
func (s *mailServer) Data(r io.Reader) error {
	text, err := io.ReadAll(r)
	s.texts <- string(text)
	return err
}

// startMailServer starts a server and returns its URL.
func startMailServer(t *testing.T, refusal error) (*mailServer, string) {
	t.Helper()
	s := &mailServer{refusal: refusal, texts: make(chan string, 100)}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	server := smtp.NewServer(s)
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	t.Cleanup(func() {
		_ = server.Close()
		<-ended
	})
	return s, "smtp+plain://" + listener.Addr().String()
}

func TestMailTestCommand(t *testing.T) {
	t.Parallel()
	server, url := startMailServer(t, nil)
	environ := []string{"POSTERN_SMTP_URL=" + url, "POSTERN_MAIL_FROM=Postern <postern@example.com>"}
	code, stdout, stderr := postern(t, environ, "mail", "test", "ada@example.org")
	require.Zero(t, code, stderr)
	require.Regexp(t, `^The mail was sent; the server said: .+\n$`, stdout)
	require.Contains(t, <-server.texts, "To: <ada@example.org>\r\n")

	_, url = startMailServer(t, &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "nobody\r\nhere"})
	code, _, stderr = postern(t, []string{"POSTERN_SMTP_URL=" + url, environ[1]}, "mail", "test", "ada@example.org")
	require.Equal(t, exitFailed, code)
	require.Contains(t, stderr, "550")
	require.Contains(t, stderr, "nobody")

	folder := t.TempDir()
	code, stdout, stderr = postern(t, []string{"POSTERN_DATA_DIR=" + folder}, "mail", "test", "ada@example.org")
	require.Zero(t, code, stderr)
	require.Equal(t, "The mail was sent.\n", stdout)
	files, err := os.ReadDir(filepath.Join(folder, mailFolder))
	require.NoError(t, err)
	require.Len(t, files, 1)
	require.Contains(t, stderr, files[0].Name())
}

func TestMailSettingsThatAreRefused(t *testing.T) {
	t.Parallel()
	for name, environ := range map[string][]string{
		"POSTERN_SMTP_URL":  {"POSTERN_SMTP_URL=http://user:" + canarySecret + "@mail.example.com", "POSTERN_MAIL_FROM=a@example.com"},
		"POSTERN_MAIL_FROM": {"POSTERN_SMTP_URL=smtp://user:canary-secret@mail.example.com"},
	} {
		code, _, stderr := postern(t, environ, "mail", "test", "ada@example.org")
		require.Equal(t, exitUsage, code)
		require.Contains(t, stderr, name)
		require.NotContains(t, stderr, "canary")
	}
	code, _, stderr := postern(t, []string{"POSTERN_MAIL_FROM=canary, b@example.com"}, "mail", "test", "ada@example.org")
	require.Equal(t, exitUsage, code)
	require.NotContains(t, stderr, "canary")
	code, _, stderr = postern(t, nil, "mail", "test", "canary\r\nBcc: eve@example.com")
	require.Equal(t, exitUsage, code)
	require.NotContains(t, stderr, "canary")
}

func TestParseLink(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"https://app.example.com/account", "https://app.example.com", "https://app.example.com/a?b=c", "http://localhost:3000/x", "http://127.0.0.1/", "http://[::1]:1/"} {
		got, err := parseLink(text)
		require.NoError(t, err, text)
		require.Equal(t, text, got)
	}
	for _, text := range []string{"", "/account", "http://app.example.com/", "http://10.0.0.1/", "https://app.example.com/#", "https://app.example.com/#x", "https://u:p@app.example.com/",
		"javascript:alert(1)", "ftp://localhost/", "https://", "http://localhost.evil.example/"} {
		_, err := parseLink(text)
		require.Error(t, err, text)
	}
}

func TestMailLink(t *testing.T) {
	t.Parallel()
	c := config{}
	require.Equal(t, "http://127.0.0.1:8080/account", c.mailLink("http://127.0.0.1:8080"))
	c.PublicURL = "https://api.example.com"
	require.Equal(t, "https://api.example.com/account", c.mailLink("http://127.0.0.1:8080"))
	c.MailLink = "https://app.example.com/reset"
	require.Equal(t, "https://app.example.com/reset", c.mailLink("http://127.0.0.1:8080"))
}

// The doctor connects to the mail server, and looks at where links lead. The service warns about the links too.
func TestMailIsDiagnosed(t *testing.T) {
	t.Parallel()
	_, server := startMailServer(t, nil)
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, closed.Close())
	for want, environ := range map[string][]string{
		"skipped mail there is no mail server":         nil,
		"problem mail mails cannot be sent":            {"POSTERN_SMTP_URL=smtp+plain://" + closed.Addr().String()},
		"warning mail links in mails lead to this":     {"POSTERN_SMTP_URL=" + server},
		"ok mail the mail server can be reached":       {"POSTERN_SMTP_URL=" + server, "POSTERN_PUBLIC_URL=https://api.example.com"},
		"ok mail the mail server can be reached, and ": {"POSTERN_SMTP_URL=" + server, "POSTERN_MAIL_LINK=https://app.example.com/account"},
	} {
		environ = append(environ, "POSTERN_DATA_DIR="+t.TempDir(), "POSTERN_MAIL_FROM=a@example.com")
		_, stdout, stderr := postern(t, environ, "doctor")
		require.Contains(t, strings.Join(strings.Fields(stdout), " "), want, stderr)
	}

	s := launch(t, map[string]string{"POSTERN_SMTP_URL": server, "POSTERN_MAIL_FROM": "a@example.com"})
	require.Contains(t, s.stderr.String(), "links in mails lead to this machine")
}

// The log names neither an address nor what the server said, and does not repeat failures.
func TestMailLog(t *testing.T) {
	t.Parallel()
	var log strings.Builder
	l := &mailLog{log: slog.New(slog.NewTextHandler(&log, nil)), metrics: metrics.New()}
	item := domain.OutboxItem{ID: "ITEM", Kind: domain.MailReset, UserID: 7, Email: "ada@example.org"}
	failure := &domain.MailError{Status: 450, Reason: "the mail server refuses the mail", Answer: "ada@example.org is busy"}
	for range 3 {
		l.attempted(domain.MailAttempt{Item: item, Outcome: domain.MailFailed, Err: failure})
	}
	l.attempted(domain.MailAttempt{Item: item, Outcome: domain.MailSent})
	l.attempted(domain.MailAttempt{Item: item, Outcome: domain.MailSent})
	l.attempted(domain.MailAttempt{Item: item, Outcome: domain.MailBuried, Err: errors.New("it failed")})
	lines := strings.Split(strings.TrimSpace(log.String()), "\n")
	require.Len(t, lines, 3, log.String())
	require.Contains(t, lines[0], `kind=reset item=ITEM user_id=7 smtp_status=450 error="the mail server refuses the mail: the server answered 450"`)
	require.Contains(t, lines[1], "can send mails again")
	require.Contains(t, lines[2], "given up")
	require.NotContains(t, log.String(), "@")
}

// The outbox of a running service is emptied, on each store.
func TestTheServiceEmptiesItsOutbox(t *testing.T) {
	t.Parallel()
	onEveryStore(t, func(t *testing.T, env map[string]string) {
		c := &config{}
		require.NoError(t, c.loadDatabase(func(name string) string { return env[name] }))
		store, err := c.openStore(t.Context(), env["POSTERN_DATA_DIR"], sqlite.Options{}, postgres.Options{})
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, store.Close()) })
		item := domain.OutboxItem{ID: "a", Kind: domain.MailReset, Email: "ada@example.org", CreatedAt: time.Now().UTC().Add(-time.Hour)}
		require.NoError(t, store.Outbox().Add(t.Context(), item))
		s := launch(t, env)
		require.Eventually(t, func() bool {
			count, err := store.Outbox().Count(t.Context(), 10)
			return err == nil && count.Waiting == 0
		}, 20*time.Second, 50*time.Millisecond)
		require.NoError(t, s.shutDown())
	})
}

// TestLinksLeadToThePortInUse starts the service with port 0.
func TestLinksLeadToThePortInUse(t *testing.T) {
	t.Parallel()
	env := map[string]string{}
	mails := newMailbox(t, env)
	s := launch(t, env)
	s.signUp(t, "ada@example.com")
	require.Contains(t, mails.next(t, "ada@example.com", "Confirm").text, "\n"+s.url+"/account/confirm#token=")
}

// The bound of the outbox holds from the first request on, on each store.
func TestAFullOutboxRefusesMailsFromTheStart(t *testing.T) {
	t.Parallel()
	onEveryStore(t, func(t *testing.T, env map[string]string) {
		env["POSTERN_SMTP_URL"], env["POSTERN_MAIL_FROM"], env["POSTERN_MAIL_BACKLOG"] = "smtp+plain://127.0.0.1:1", "a@example.com", "1"
		first := launch(t, env)
		first.askForReset(t, "ada@example.com")
		require.NoError(t, first.shutDown())
		answer, err := launch(t, env).client(t).RequestPasswordResetWithResponse(t.Context(), client.PasswordResetRequest{Email: "bob@example.com"})
		require.NoError(t, err)
		require.Equal(t, "mail_backlog", codeOf(answer.JSONDefault))
	})
}

// The sender and the page of links may be in files, which everybody may read.
func TestMailSettingsInFiles(t *testing.T) {
	t.Parallel()
	write := func(text string) string {
		path := filepath.Join(t.TempDir(), "setting")
		require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
		return path
	}
	server, url := startMailServer(t, nil)
	from := "POSTERN_MAIL_FROM_FILE=" + write("Postern <postern@example.com>\n")
	link := "POSTERN_MAIL_LINK_FILE=" + write("https://app.example.com/account\n")
	code, _, stderr := postern(t, []string{"POSTERN_SMTP_URL=" + url, from, link}, "mail", "test", "ada@example.org")
	require.Zero(t, code, stderr)
	require.Contains(t, <-server.texts, "From: \"Postern\" <postern@example.com>\r\n")

	for says, setting := range map[string]string{
		"POSTERN_MAIL_FROM and POSTERN_MAIL_FROM_FILE are both set: keep one":                "POSTERN_MAIL_FROM=a@example.com",
		"POSTERN_MAIL_LINK_FILE names a file that cannot be used: no such file or directory": "POSTERN_MAIL_LINK_FILE=" + write("") + canary,
		"POSTERN_MAIL_LINK_FILE names a file that cannot be used: is a directory":            "POSTERN_MAIL_LINK_FILE=" + t.TempDir(),
		"POSTERN_MAIL_LINK_FILE names a file that cannot be used: it is too large":           "POSTERN_MAIL_LINK_FILE=" + write(strings.Repeat("x", maxSettingFile+1)),
		"POSTERN_MAIL_LINK (--mail-link) must be the URL of a page":                          "POSTERN_MAIL_LINK_FILE=" + write(canary),
		"POSTERN_MAIL_LINK_FILE is a URL: it must be a path":                                 "POSTERN_MAIL_LINK_FILE=https://app.example.com",
	} {
		code, _, stderr := postern(t, []string{from, setting}, "mail", "test", "ada@example.org")
		require.Equal(t, exitUsage, code, says)
		require.Contains(t, stderr, says)
		require.NotContains(t, stderr, canary)
	}
}
