package main

import (
	"context"
	"errors"
	"fmt"

	"example.com/postern/domain"
)

type epochNewCommand struct {
	accountsConfig `embed:""`
}

// Help implements [kong.HelpProvider].
func (*epochNewCommand) Help() string {
	return `Run it after pg_restore, after point-in-time recovery, and after the promotion of a replica that may have
lost writes. If possible, run it before an instance serves the store again. Such a store does not know which sessions
ended after its data was saved, nor which ids were used after that. A new epoch ends every session: all users must log
in again. It also moves every id sequence forward by a billion, so that no id is used twice. Running instances follow
within a second. The command postern restore makes a new epoch itself.

On PostgreSQL, the role needs to own the tables, or to have INSERT and UPDATE on store_epoch and UPDATE on the
sequences users_id_seq and posts_id_seq.`
}

const newEpochNotes = `The store has a new epoch: all sessions have ended, all users must log in again, and new ids are higher by a billion.
`

// Run gives the store a new epoch.
func (c *epochNewCommand) Run(p *process) error {
	return c.operate(p, func(ctx context.Context, operator domain.Operator) (string, error) {
		epoch, err := operator.NewEpoch(ctx)
		if errors.Is(err, domain.ErrNoIDsLeft) {
			return "", errors.New("the store has too few ids left to move forward by a billion: " +
				"all sessions have ended, and nothing else was changed")
		} else if err != nil {
			return "", fmt.Errorf("make a new epoch: %w", err)
		}
		return fmt.Sprintf("%sEpoch: %s\n", newEpochNotes, epoch.ID), nil
	})
}

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
	return c.operate(p, func(ctx context.Context, operator domain.Operator) (string, error) {
		ended, err := operator.EndEverySession(ctx)
		return fmt.Sprintf("Sessions ended: %d. All users must log in again.\n", ended), err
	})
}
