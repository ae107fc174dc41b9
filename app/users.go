package main

import (
	"context"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"example.com/postern/domain"
)

// accountConfig configures a command that acts on one account.
type accountConfig struct {
	accountsConfig `embed:""`
	Email          string `arg:"" name:"email" help:"The account's e-mail address."`
}

type usersSetPasswordCommand struct {
	accountConfig  `embed:""`
	passwordConfig `embed:""`
	noticeConfig   `embed:""`
}

// Help implements [kong.HelpProvider].
func (*usersSetPasswordCommand) Help() string {
	return `On a terminal, the command asks for the new password. Otherwise the password is the first line of the input. It must
meet the rules for new passwords. A mail tells the owner, unless POSTERN_MAIL_NOTICES is off. All sessions of the account
end within a second on all instances.`
}

// Run replaces the password of an account and ends its sessions.
func (c *usersSetPasswordCommand) Run(p *process) error {
	rules := operatorRules{c.PasswordMin, c.MailNotices == "on"}
	return c.operateWith(p, rules, func(ctx context.Context, operator domain.Operator) (string, error) {
		password, err := readPassword(ctx, p.stdin, p.stderr)
		if err != nil {
			return "", err
		}
		err = operator.SetPassword(ctx, c.Email, domain.NewPassword(password))
		return "The password is replaced, and all sessions of the account have ended.\n", err
	})
}

type usersSetEmailCommand struct {
	accountConfig `embed:""`
	noticeConfig  `embed:""`
	NewEmail      string `arg:"" name:"new-email" help:"The new address."`
}

// Help implements [kong.HelpProvider].
func (*usersSetEmailCommand) Help() string {
	return `Make sure first that the new address belongs to the owner of the account: it counts as confirmed, and anyone who can
read its mail can set a new password. A mail tells the former address, unless POSTERN_MAIL_NOTICES is off. All sessions of
the account end within a second on all instances, and links in mails that were sent to it no longer work.`
}

// Run gives an account another address.
func (c *usersSetEmailCommand) Run(p *process) error {
	rules := operatorRules{domain.MinPassword, c.MailNotices == "on"}
	return c.operateWith(p, rules, func(ctx context.Context, operator domain.Operator) (string, error) {
		err := operator.SetEmail(ctx, c.Email, c.NewEmail)
		return "The address is replaced, and all sessions of the account have ended.\n", err
	})
}

type usersShowCommand struct {
	accountConfig `embed:""`
}

// Help implements [kong.HelpProvider].
func (*usersShowCommand) Help() string {
	return "Each line of the output is the name of a value, spaces, and the value."
}

// Run prints the state of an account.
func (c *usersShowCommand) Run(p *process) error {
	return c.operate(p, func(ctx context.Context, operator domain.Operator) (string, error) {
		account, err := operator.Show(ctx, c.Email)
		if err != nil {
			return "", err
		}
		verified := "never"
		if at := account.EmailVerifiedAt; at != nil {
			verified = at.Format(time.RFC3339)
		}
		suspended := "no"
		if account.Suspended {
			suspended = "yes"
		}
		var text strings.Builder
		table := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
		for _, row := range [][2]any{
			{"id", account.ID}, {"email", account.Email}, {"created", account.CreatedAt.Format(time.RFC3339)},
			{"confirmed", verified}, {"suspended", suspended}, {"sessions", account.Sessions},
		} {
			_, _ = fmt.Fprintf(table, "%s\t%v\n", row[0], row[1])
		}
		err = table.Flush()
		return text.String(), err
	})
}

type usersEndSessionsCommand struct {
	accountConfig `embed:""`
}

// Help implements [kong.HelpProvider].
func (*usersEndSessionsCommand) Help() string {
	return "All sessions of the account end within a second on all instances."
}

// Run ends all sessions of an account.
func (c *usersEndSessionsCommand) Run(p *process) error {
	return c.operate(p, func(ctx context.Context, operator domain.Operator) (string, error) {
		ended, err := operator.EndSessions(ctx, c.Email)
		return fmt.Sprintf("Sessions ended: %d.\n", ended), err
	})
}

type usersSuspendCommand struct {
	accountConfig `embed:""`
}

// Help implements [kong.HelpProvider].
func (*usersSuspendCommand) Help() string {
	return `Nobody can log in to a suspended account: with the right password, the answer is 403 account_suspended. All sessions
of the account end within a second on all instances. Its posts stay visible: postern posts hide hides one.`
}

// Run suspends an account.
func (c *usersSuspendCommand) Run(p *process) error {
	return c.operate(p, func(ctx context.Context, operator domain.Operator) (string, error) {
		ended, err := operator.Suspend(ctx, c.Email)
		return fmt.Sprintf("The account is suspended. Sessions ended: %d.\n", ended), err
	})
}

type usersRestoreCommand struct {
	accountConfig `embed:""`
}

// Help implements [kong.HelpProvider].
func (*usersRestoreCommand) Help() string {
	return "The account's owner can log in again at once. Sessions that were ended stay ended."
}

// Run restores a suspended account.
func (c *usersRestoreCommand) Run(p *process) error {
	return c.operate(p, func(ctx context.Context, operator domain.Operator) (string, error) {
		return "The account is not suspended.\n", operator.Restore(ctx, c.Email)
	})
}
