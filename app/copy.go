package main

import (
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
	return `Everything is copied as it is: ids, times, password hashes, versions, and which ids come next. The
copy is read back and compared before it counts. The source is only read, as it is at one moment;
writes made during the copy are not in it. The target's schema is created, and a target that holds
anything is refused. No keys are needed.

A copy that fails or is stopped leaves nothing behind. One that is killed leaves no row, and at most a
file with the ending .partial or empty tables, which the next copy replaces or fills.

A URL contains a password, and flags show in the list of processes: prefer the variables.`
}

// copySide is the source or the target of a copy.
type copySide struct {
	variable string
	location string // an absolute path, or a URL
	isURL    bool
}

// Run copies everything, or leaves the target as it was.
func (c *copyCommand) Run(p *process) (err error) {
	from, fromErr := newCopySide(p.getenv, "from", c.From)
	to, toErr := newCopySide(p.getenv, "to", c.To)
	if err := joinRefusals(fromErr, toErr); err != nil {
		return err
	}
	if from.location == to.location {
		return errSameStore
	}
	// The target comes first: its migrations wait for open transactions, and the source may be in the same database.
	target, err := to.openTarget(p.ctx)
	if err != nil {
		return orInterrupted(p.ctx, fmt.Errorf("open %s (--to): %w", to.variable, err))
	}
	defer func() { err = errors.Join(err, target.Close()) }()
	source, err := from.openSource(p.ctx)
	if err != nil {
		return orInterrupted(p.ctx, fmt.Errorf("open %s (--from): %w", from.variable, err))
	}
	defer func() { err = errors.Join(err, source.Close()) }()
	if source.Identity() == target.Identity() {
		return errSameStore
	}
	if err := copyStore(p.ctx, source, target, newProgress(p.stderr), p.stdout); err != nil {
		return err
	}
	_, err = io.WriteString(p.stdout, copyNotes)
	return err
}

var errSameStore = refuse("POSTERN_COPY_FROM", "(--from) and POSTERN_COPY_TO (--to) are the same store")

const copyNotes = `
What was written to the old store since the copy began is not in the new one: before the final copy, stop the old instances
or put them behind a maintenance page.

The keys are not in the store. Copy keys.json from the old data folder to every machine that serves the new store, with
mode 0600, and set POSTERN_KEYS_FILE to its path there (or set the same POSTERN_JWT_SECRET). Without it everyone is logged
out.
`

// newCopySide reads the flag, or its variable, or the file that the variable with _FILE names.
func newCopySide(getenv func(string) string, flag, location string) (copySide, error) {
	side := copySide{variable: variableOf(flag), location: location}
	secret, err := readSecret(getenv, side.variable)
	if err != nil {
		return side, err
	}
	if location == "" {
		side.location = secret.Reveal()
	}
	side.isURL = isPostgres(domain.NewSecret(side.location))
	switch {
	case side.isURL:
		return side, nil
	case side.location == "":
		return side, refuse(side.variable, "(--"+flag+") is needed: the path of a file, or a postgres:// URL")
	case strings.Contains(side.location, "://"):
		return side, refuse(side.variable, "must be the path of a file, or a postgres:// URL")
	}
	if err := checkPath(side.location); err != nil {
		return side, refuse(side.variable, "(--"+flag+") "+err.Error())
	}
	if side.location, err = databaseFile(side.location); err != nil {
		return side, err
	}
	if err := refuseForeign(filepath.Dir(side.location), filepath.Base(side.location)); err != nil {
		return side, refuse(side.variable, "(--"+flag+") is not in a folder for root: "+err.Error()+
			": run the command as that user, or copy a backup to a folder of root's")
	}
	return side, nil
}

// databaseFile returns the absolute path of a database file. If path is a folder, that is the database in it.
func databaseFile(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", errors.New("a relative path cannot be used: the current folder was removed")
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		path = filepath.Join(path, databaseName)
	}
	return path, nil
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

var errInterrupted = &explained{"interrupted: nothing was kept", context.Canceled}

// orInterrupted returns errInterrupted if ctx ended, and err otherwise.
func orInterrupted(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return errInterrupted
	}
	return err
}
