package main

import (
	"context"
	"fmt"

	"example.com/postern/domain"
)

type usersSetEmailCommand struct {
	accountsConfig `embed:""`
	noticeConfig   `embed:""`
	Email          string `arg:"" name:"email" help:"The account's e-mail address."`
	NewEmail       string `arg:"" name:"new-email" help:"The address that it gets."`
}

// Help implements [kong.HelpProvider].
func (*usersSetEmailCommand) Help() string {
	return `Make sure first that the new address belongs to the owner of the account: it counts as confirmed, and who reads its mail can set a
new password. A mail tells the former address, unless POSTERN_MAIL_NOTICES is off. All sessions of the account end within a second
on all instances, and links in mails that were sent to it no longer work.`
}

// Run gives an account another address.
func (c *usersSetEmailCommand) Run(p *process) error {
	rules := operatorRules{domain.MinPassword, c.MailNotices == "on"}
	return c.operateWith(p, rules, func(ctx context.Context, operator domain.Operator) error {
		if err := operator.SetEmail(ctx, c.Email, c.NewEmail); err != nil {
			return withFields(err)
		}
		_, err := fmt.Fprintln(p.stdout, "The address is replaced, and all sessions of the account have ended.")
		return err
	})
}
