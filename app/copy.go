package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"example.com/postern/adapters/postgres"
	"example.com/postern/adapters/sqlite"
	"example.com/postern/domain"
)

type copyCommand struct {
	From string `type:"text" placeholder:"STORE" shown:"none" group:"Copy" help:"The store to read: the file postern.db, or a postgres:// URL. A service may be using it."`
	To   string `type:"text" placeholder:"STORE" shown:"none" group:"Copy" help:"The store to write: a new file, or the URL of an empty database."`
}

// Help implements [kong.HelpProvider].
func (*copyCommand) Help() string {
	return `The copy has the same ids, times, password hashes and versions, and the same next ids. It contains what the source
contained when the copy began. The source is not changed, and a service may be using it. The target must be
empty. Its schema is created. At the end the copy is read back and compared with the source. No keys are needed.

A copy that fails or is stopped leaves nothing behind. A copy that is killed leaves no rows. It may leave a file that ends
in .partial, which the next copy replaces, or empty tables. If it was killed early, their schema is older: run the
migrations before the next copy.

A URL contains a password, and flags show in the list of processes: prefer the variables.`
}

// copySide is the source or the target of a copy.
type copySide struct {
	variable string
	location string // an absolute path, or a URL
	isURL    bool
}

// Run copies a store. If it fails, it leaves the target as it was.
func (c *copyCommand) Run(p *process) (err error) {
	from, fromErr := newCopySide(p.getenv, "from", c.From)
	to, toErr := newCopySide(p.getenv, "to", c.To)
	if err := joinRefusals(fromErr, toErr); err != nil {
		return err
	}
	if from.location == to.location {
		return refuse(from.variable, "(--from) and "+to.variable+" (--to) are the same store")
	}
	// The target comes first: its migrations wait for open transactions, and the source may be in the same database.
	target, err := to.openTarget(p.ctx)
	if err != nil {
		return orNothingKept(p.ctx, fmt.Errorf("open %s (--to): %w", to.variable, err))
	}
	defer func() { err = errors.Join(err, target.Close()) }()
	source, err := from.openSource(p.ctx)
	if err != nil {
		return orNothingKept(p.ctx, fmt.Errorf("open %s (--from): %w", from.variable, err))
	}
	defer func() { err = errors.Join(err, source.Close()) }()
	if err := copyStore(p.ctx, source, target, newProgress(p.stderr), p.stdout); err != nil {
		return err
	}
	_, err = io.WriteString(p.stdout, copyNotes)
	return err
}

const copyNotes = `
The new store does not contain writes to the old store that were made after the copy began. Before the final copy, stop the
old instances or put them behind a maintenance page.

The keys are not in the store. Copy keys.json from the old data folder to every machine that serves the new store, with
mode 0600, and set POSTERN_KEYS_FILE to its path there (or set the same POSTERN_JWT_SECRET). Without the same keys, all users
are logged out.
`

// newCopySide reads a location from the flag, from its variable, or from the file in the variable with the suffix _FILE.
func newCopySide(getenv func(string) string, flag, location string) (copySide, error) {
	variable := variableOf(flag)
	secret, err := readSecret(getenv, variable)
	location = cmp.Or(location, secret.Reveal())
	side := copySide{variable, location, isPostgres(domain.NewSecret(location))}
	switch {
	case err != nil || side.isURL:
		return side, err
	case location == "":
		return side, refuse(variable, "(--"+flag+") is needed: the path of a file, or a postgres:// URL")
	case strings.Contains(location, "://"):
		return side, refuse(variable, "must be the path of a file, or a postgres:// URL")
	}
	if side.location, err = parsePath(location); err != nil {
		return side, refuse(variable, "(--"+flag+") "+err.Error())
	}
	if info, err := os.Stat(side.location); err == nil && info.IsDir() {
		side.location = filepath.Join(side.location, databaseName)
	}
	if err := refuseForeign(filepath.Dir(side.location), filepath.Base(side.location)); err != nil {
		return side, refuse(variable, "(--"+flag+") is not in a folder for root: "+err.Error()+
			": run the command as that user, or copy a backup to a folder of root's")
	}
	return side, nil
}

func (s copySide) openSource(ctx context.Context) (tableReader, error) {
	if s.isURL {
		return postgres.OpenSnapshot(ctx, s.location)
	}
	return sqlite.OpenSnapshot(ctx, s.location)
}

func (s copySide) openTarget(ctx context.Context) (tableWriter, error) {
	if s.isURL {
		return postgres.CreateReplica(ctx, s.location)
	}
	return sqlite.CreateReplica(ctx, s.location)
}

// orNothingKept returns err, or errInterrupted if the command was told to stop.
func orNothingKept(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return fmt.Errorf("%w: nothing was kept", errInterrupted)
	}
	return err
}
