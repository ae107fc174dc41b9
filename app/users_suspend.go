package main

import (
	"context"
	"fmt"

	"example.com/postern/domain"
)

type usersSuspendCommand struct {
	accountsConfig `embed:""`
	Email          string `arg:"" name:"email" help:"The account's e-mail address."`
}

// Help implements [kong.HelpProvider].
func (*usersSuspendCommand) Help() string {
	return `Nobody can log in to a suspended account: with the right password, the answer is 403 account_suspended. All sessions
of the account end within a second on all instances. Its posts stay visible: postern posts hide hides one.`
}

// Run suspends an account.
func (c *usersSuspendCommand) Run(p *process) error {
	return c.operate(p, func(ctx context.Context, operator domain.Operator) error {
		ended, err := operator.Suspend(ctx, c.Email)
		if err != nil {
			return withFields(err)
		}
		_, err = fmt.Fprintf(p.stdout, "The account is suspended. Sessions ended: %d.\n", ended)
		return err
	})
}

type usersRestoreCommand struct {
	accountsConfig `embed:""`
	Email          string `arg:"" name:"email" help:"The account's e-mail address."`
}

// Help implements [kong.HelpProvider].
func (*usersRestoreCommand) Help() string {
	return "The account's owner can log in again at once. Sessions that were ended stay ended."
}

// Run restores a suspended account.
func (c *usersRestoreCommand) Run(p *process) error {
	return c.operate(p, func(ctx context.Context, operator domain.Operator) error {
		if err := operator.Restore(ctx, c.Email); err != nil {
			return withFields(err)
		}
		_, err := fmt.Fprintln(p.stdout, "The account is not suspended.")
		return err
	})
}
