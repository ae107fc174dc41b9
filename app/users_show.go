package main

import (
	"context"
	"fmt"
	"text/tabwriter"
	"time"

	"example.com/postern/domain"
)

type usersShowCommand struct {
	accountsConfig `embed:""`
	Email          string `arg:"" name:"email" help:"The account's e-mail address."`
}

// Help implements [kong.HelpProvider].
func (*usersShowCommand) Help() string {
	return "Each line of the output is the name of a value, spaces, and the value."
}

// Run prints the state of an account.
func (c *usersShowCommand) Run(p *process) error {
	return c.operate(p, func(ctx context.Context, operator domain.Operator) error {
		account, err := operator.Show(ctx, c.Email)
		if err != nil {
			return err
		}
		verified := "never"
		if at := account.EmailVerifiedAt; at != nil {
			verified = at.Format(time.RFC3339)
		}
		suspended := "no"
		if account.Suspended {
			suspended = "yes"
		}
		out := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', 0)
		for _, row := range [][2]any{
			{"id", account.ID}, {"email", account.Email}, {"created", account.CreatedAt.Format(time.RFC3339)},
			{"confirmed", verified}, {"suspended", suspended}, {"sessions", account.Sessions},
		} {
			_, _ = fmt.Fprintf(out, "%s\t%v\n", row[0], row[1])
		}
		return out.Flush()
	})
}
