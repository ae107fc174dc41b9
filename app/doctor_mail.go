package main

import (
	"context"

	"example.com/postern/adapters/mail"
	"example.com/postern/domain/diagnosis"
)

// checkMail connects to the mail server and logs in. It also looks at where links lead.
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
	if c.hasUselessLinks("http://" + reachable(c.Addr)) {
		return diagnosis.Warning("links in mails lead to this machine", "set POSTERN_PUBLIC_URL or POSTERN_MAIL_LINK to what people can open")
	}
	return diagnosis.OK("the mail server can be reached, and accepts the credentials")
}
