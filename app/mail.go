package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"example.com/postern/adapters/mail"
	"example.com/postern/adapters/metrics"
	"example.com/postern/domain"
)

// mailConfig configures how mails are sent, and what they say.
type mailConfig struct {
	MailFrom     mail.From `type:"sender" file:"" placeholder:"ADDRESS" shown:"needed with POSTERN_SMTP_URL" group:"Mail" help:"The sender of mails: an address, or a name and an address such as Postern <postern@example.com>."`
	MailLink     string    `type:"link" file:"" placeholder:"URL" shown:"/account at POSTERN_PUBLIC_URL, or at POSTERN_ADDR" group:"Mail" help:"The page that the links in mails lead to, an https URL. The token follows in the fragment, which reaches no server."`
	noticeConfig `embed:""`

	MailBacklog int `type:"number" min:"1" max:"1000000" default:"100000" placeholder:"N" group:"Mail" help:"How many mails may wait to be sent, up to 1000000. Beyond that, requests for a mail are answered with 503."`

	smtp *mail.Server // nil: mails are written to files
}

// noticeConfig configures which mails are sent.
type noticeConfig struct {
	MailNotices string `type:"choice" choices:"on|off" default:"on" placeholder:"on|off" group:"Mail" help:"on: mails tell people that their password or address changed or their account was deleted. off: only requested mails are sent."`
}

// mailFolder is the folder in the data folder that mails are written to if there is no mail server.
const mailFolder = "mail"

// loadMail reads the URL of the mail server and checks the settings that depend on it.
func (c *mailConfig) loadMail(getenv func(string) string) error {
	secret, err := readSecret(getenv, "POSTERN_SMTP_URL")
	if err != nil || !secret.IsSet() {
		return err
	}
	server, err := mail.ParseURL(secret)
	if err != nil {
		return refuse("POSTERN_SMTP_URL", err.Error())
	}
	c.smtp = &server
	if c.MailFrom == (mail.From{}) {
		return refuse("POSTERN_MAIL_FROM",
			"(--mail-from) is needed with POSTERN_SMTP_URL: set it to an address that the mail server sends for")
	}
	return nil
}

// parseLink accepts the URL of a page. The page receives a token that gives access to an account, so it needs TLS unless it
// is on this machine.
func parseLink(text string) (string, error) {
	u, err := url.Parse(text)
	if err != nil || u.User != nil || u.Fragment != "" || strings.HasSuffix(text, "#") || len(text) > 2000 ||
		!isOrigin(u.Scheme+"://"+u.Host) {
		return "", errors.New("must be the URL of a page, such as https://app.example.com/account, without a fragment")
	}
	if u.Scheme != "https" && !isLoopback(u.Hostname()) {
		return "", errors.New("must begin with https://, unless the page is on this machine")
	}
	return text, nil
}

// mailLink returns the URL of the page that the links in mails lead to. local is the URL of the service on this machine.
func (c *config) mailLink(local string) string {
	return cmp.Or(c.MailLink, cmp.Or(c.PublicURL, local)+"/account")
}

// hasUselessLinks reports whether mails go to people although the links in them lead to the machine of the service.
func (c *config) hasUselessLinks(local string) bool {
	link, err := url.Parse(c.mailLink(local))
	return c.smtp != nil && err == nil && isLoopback(link.Hostname())
}

// newMailer returns the mailer: a mail server, or files if none is set.
func (c *mailConfig) newMailer(dataDir string, log *slog.Logger) domain.Mailer {
	if c.smtp != nil {
		return mail.NewSMTP(*c.smtp, c.MailFrom)
	}
	from := c.MailFrom
	if from == (mail.From{}) {
		from, _ = mail.ParseFrom("Postern <postern@localhost>")
	}
	return mail.NewMailbox(filepath.Join(dataDir, mailFolder), from, func(file string) {
		log.Info("a mail was written to a file, because POSTERN_SMTP_URL is not set", slog.String("file", file))
	})
}

// mailLog logs and counts attempts to send a mail. Neither an address nor a text is logged.
type mailLog struct {
	log     *slog.Logger
	metrics *metrics.Registry
	failing atomic.Bool
}

func (l *mailLog) attempted(a domain.MailAttempt) {
	countMail(l.metrics, a.Item.Kind, a.Outcome)()
	attrs := []any{slog.String("kind", string(a.Item.Kind)), slog.String("item", a.Item.ID)}
	if a.Item.UserID != 0 {
		attrs = append(attrs, slog.Int64("user_id", int64(a.Item.UserID)))
	}
	if failure, ok := errors.AsType[*domain.MailError](a.Err); ok && failure.Status != 0 {
		attrs = append(attrs, slog.Int("smtp_status", failure.Status))
	}
	attrs = append(attrs, slog.Any("error", a.Err))
	switch {
	case a.Outcome == domain.MailBuried:
		l.log.Warn("a mail cannot be sent and is given up", attrs...)
	case a.Outcome == domain.MailFailed && !l.failing.Swap(true):
		l.log.Warn("cannot send a mail at the moment; further failures are not logged until one is sent", attrs...)
	case a.Outcome == domain.MailSent && l.failing.Swap(false):
		l.log.Info("can send mails again")
	}
}

// countMail returns the function that counts an attempt. The metric exists from then on.
func countMail(m *metrics.Registry, kind domain.MailKind, outcome domain.MailOutcome) func() {
	return m.Counter("postern_mails_total", "kind", string(kind), "outcome", string(outcome))
}

// mailTestTimeout bounds the whole test.
const mailTestTimeout = 30 * time.Second

type mailTestCommand struct {
	DataDir    string `type:"path" default:"./data" placeholder:"FOLDER" group:"Data" help:"The folder of the database and the keys. It is created with mode 0700 if it does not exist."`
	mailConfig `embed:""`
	Address    string `arg:"" type:"text" placeholder:"ADDRESS" help:"Where to send the mail."`
}

// Help implements [kong.HelpProvider].
func (*mailTestCommand) Help() string {
	return `Run it with the settings of the service. It sends one mail now, past the outbox, and prints what the mail server
said. Without POSTERN_SMTP_URL the mail is written to a file in the data folder.`
}

// Run sends one mail.
func (c *mailTestCommand) Run(p *process) error {
	if err := c.loadMail(p.getenv); err != nil {
		return err
	}
	to, ok := domain.ParseEmail(c.Address)
	if !ok {
		return refuse("ADDRESS", "must be an e-mail address")
	}
	if c.smtp == nil {
		if err := refuseForeign(c.DataDir, databaseName); err != nil {
			return refuse("POSTERN_DATA_DIR", "(--data-dir) is not a folder for root: "+err.Error()+": run the command as that user")
		}
	}
	mailer := c.newMailer(c.DataDir, slog.New(slog.NewTextHandler(p.stderr, nil)))
	ctx, cancel := context.WithTimeout(p.ctx, mailTestTimeout)
	defer cancel()
	said, err := deliver(ctx, mailer, domain.Mail{
		ID: domain.NewOutboxID(), To: to, Subject: "A test mail of Postern",
		Text: "This is a test mail. Postern can send mails with these settings.\n",
		HTML: "<p>This is a test mail. Postern can send mails with these settings.</p>\n",
	})
	if failure, ok := errors.AsType[*domain.MailError](err); ok && failure.Answer != "" {
		return fmt.Errorf("the mail was not sent: %w; the server said: %s", err, oneLine(failure.Answer))
	} else if err != nil {
		return fmt.Errorf("the mail was not sent: %w", err)
	}
	_, err = fmt.Fprintf(p.stdout, "The mail was sent%s.\n", said)
	return err
}

// deliver sends a mail and returns the answer of the server, if there is one.
func deliver(ctx context.Context, mailer domain.Mailer, m domain.Mail) (said string, err error) {
	server, ok := mailer.(*mail.SMTP)
	if !ok {
		return "", mailer.Send(ctx, m)
	}
	answer, err := server.Deliver(ctx, m)
	return "; the server said: " + oneLine(answer), err
}
