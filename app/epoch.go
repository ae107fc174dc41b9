package main

import (
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
lost writes, best before any instance serves the store again. Such a store has forgotten which sessions
had ended, and which ids it had given out since. A new epoch ends every session, so that everybody must
log in again, and moves every id sequence forward by a billion, so that no id is given out twice.
Instances that serve the store follow within a second. postern restore does this by itself.

On PostgreSQL, the role must own the tables, or have been granted INSERT and UPDATE on store_epoch and
UPDATE on the sequences users_id_seq and posts_id_seq.`
}

const newEpochNotes = `The store has a new epoch: all sessions have ended, everybody must log in again, and ids go on a billion higher.
`

// Run gives the store a new epoch.
func (c *epochNewCommand) Run(p *process) error {
	return c.withStore(p, func(store store) error {
		if err := store.Ping(p.ctx); err != nil {
			return err
		}
		switch epoch, err := store.NewEpoch(p.ctx); {
		case errors.Is(err, domain.ErrNoIDsLeft):
			return errors.New("the store has too few ids left to move forward by a billion: nothing was changed but sessions, which have ended")
		case err != nil:
			return fmt.Errorf("make a new epoch: %w", err)
		default:
			_, err = fmt.Fprintf(p.stdout, "%sEpoch: %s\n", newEpochNotes, epoch.ID)
			return err
		}
	})
}
