package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"example.com/postern/adapters/mail"
	"example.com/postern/domain"
)

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

// deliver sends a mail and returns what the server said, if there is one.
func deliver(ctx context.Context, mailer domain.Mailer, m domain.Mail) (said string, err error) {
	server, ok := mailer.(*mail.SMTP)
	if !ok {
		return "", mailer.Send(ctx, m)
	}
	answer, err := server.Deliver(ctx, m)
	return "; the server said: " + oneLine(answer), err
}
