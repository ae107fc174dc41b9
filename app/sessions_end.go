package main

import (
	"context"
	"fmt"

	"example.com/postern/domain"
)

type sessionsEndCommand struct {
	accountsConfig `embed:""`
	All            bool `option:"" default:"false" group:"Options" help:"End all sessions of all accounts. The command needs this option."`
}

// Help implements [kong.HelpProvider].
func (*sessionsEndCommand) Help() string {
	return `Everybody must log in again, within a second on all instances. The command asks nothing, and prints how many sessions
the store had. Use it when tokens may have leaked. If a key may have leaked, replace the key file as well.

The store gets a new epoch, which ends all tokens in one write, however many there are. Unlike postern epoch new, this
skips no ids. On PostgreSQL, the role needs to own the tables, or to have INSERT and UPDATE on store_epoch.`
}

// Run ends all sessions of all accounts.
func (c *sessionsEndCommand) Run(p *process) error {
	if !c.All {
		return &refusal{"postern sessions end needs --all; to end the sessions of one account, use postern users end-sessions"}
	}
	return c.operate(p, func(ctx context.Context, operator domain.Operator) error {
		ended, err := operator.EndEverySession(ctx)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(p.stdout, "Sessions ended: %d. All users must log in again.\n", ended)
		return err
	})
}
