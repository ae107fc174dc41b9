package main

import (
	"context"

	"example.com/postern/adapters/mail"
	"example.com/postern/domain/diagnosis"
)

// checkMail connects to the mail server and logs in.
func (c *config) checkMail(ctx context.Context) diagnosis.Finding {
	if !c.smtp.IsSet() {
		return diagnosis.Skipped("there is no mail server: mails are written to files, and reach nobody")
	}
	mailer, err := c.newMailer(c.DataDir, nil)
	if server, ok := mailer.(*mail.SMTP); ok && err == nil {
		err = server.Check(ctx)
	}
	if err != nil {
		return diagnosis.Problem("mails cannot be sent: "+err.Error(), "check POSTERN_SMTP_URL and POSTERN_MAIL_FROM with postern mail test")
	}
	return diagnosis.OK("the mail server can be reached, and accepts the credentials")
}
