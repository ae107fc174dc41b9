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
	From string `type:"text" placeholder:"STORE" shown:"none" group:"Copy" help:"Where to read: the file postern.db, or a postgres:// URL. It may be serving."`
	To   string `type:"text" placeholder:"STORE" shown:"none" group:"Copy" help:"Where to write: a file that is not there yet, or the URL of an empty database."`
}

// Help implements [kong.HelpProvider].
func (*copyCommand) Help() string {
	return `Everything is taken along as it is: ids, times, password hashes, versions, and which ids come
next. All of it is read back and compared before any of it counts; a copy that fails or is stopped
leaves nothing behind. The source is only read, at one moment; writes made meanwhile are not copied.
The target's schema is made, and a target that holds anything is refused. No keys are needed.

A URL holds a password, and flags show in the list of processes: prefer the variables.`
}

// place is one side of a copy.
type place struct {
	variable string
	text     string // an absolute path, or a URL
	isURL    bool
}

// Run copies everything, or leaves the target as it was.
func (c *copyCommand) Run(p *process) (err error) {
	from, fromErr := newPlace(p.getenv, "from", c.From)
	to, toErr := newPlace(p.getenv, "to", c.To)
	if err := together(fromErr, toErr); err != nil {
		return err
	}
	if from.text == to.text {
		return errSamePlace
	}
	source, err := from.openSource(p.ctx)
	if err != nil {
		return orInterrupted(p.ctx, fmt.Errorf("open %s (--from): %w", from.variable, err))
	}
	defer func() { err = errors.Join(err, source.Close()) }()
	target, err := to.openTarget(p.ctx)
	if err != nil {
		return orInterrupted(p.ctx, fmt.Errorf("open %s (--to): %w", to.variable, err))
	}
	defer func() { err = errors.Join(err, target.Close()) }()
	if source.Identity() == target.Identity() {
		return errSamePlace
	}
	if err := copyStore(p.ctx, source, target, newProgress(p.stderr), p.stdout); err != nil {
		return err
	}
	_, err = io.WriteString(p.stdout, copyNotes)
	return err
}

var errSamePlace = refuse("POSTERN_COPY_FROM", "(--from) and POSTERN_COPY_TO (--to) are the same store")

const copyNotes = `
What was written to the old store since the copy began is not in the new one: before you copy for good, stop the old
instances or put them behind a maintenance page.

The keys are not in the store. Copy keys.json from the old data folder to every machine that serves the new store, with
mode 0600, and set POSTERN_KEYS_FILE to its path there (or set the same POSTERN_JWT_SECRET). Without it everyone is logged
out.
`

// newPlace reads a side from its flag, or else its variable, or the file that the variable with _FILE leads to: a URL holds a
// password, and flags show in the list of processes.
func newPlace(getenv func(string) string, flag, text string) (place, error) {
	variable := variableOf(flag)
	secret, err := readSecret(getenv, variable)
	if err != nil {
		return place{}, err
	}
	p := place{variable: variable, text: text}
	if text == "" {
		p.text = secret.Reveal()
	}
	if p.text == "" {
		return place{}, refuse(variable, "(--"+flag+") is needed: the path of a file, or a postgres:// URL")
	}
	if p.isURL = isPostgres(domain.NewSecret(p.text)); p.isURL {
		return p, nil
	}
	if strings.Contains(p.text, "://") {
		return place{}, refuse(variable, "must be the path of a file, or a postgres:// URL")
	}
	if err := checkPath(p.text); err != nil {
		return place{}, refuse(variable, "(--"+flag+") "+err.Error())
	}
	if p.text, err = databaseFile(p.text); err != nil {
		return place{}, err
	}
	if err := refuseForeign(filepath.Dir(p.text), filepath.Base(p.text)); err != nil {
		return place{}, refuse(variable, "(--"+flag+") is not in a folder for root: "+err.Error()+
			": run the command as that user, or copy a backup to a folder of root's")
	}
	return p, nil
}

// databaseFile returns the absolute path of a file; of a folder, that of the database in it.
func databaseFile(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", errors.New("a relative path leads nowhere: the current folder is gone")
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		path = filepath.Join(path, databaseName)
	}
	return path, nil
}

func (p place) openSource(ctx context.Context) (copySource, error) {
	if p.isURL {
		return postgres.OpenSnapshot(ctx, p.text)
	}
	return sqlite.OpenSnapshot(ctx, p.text)
}

func (p place) openTarget(ctx context.Context) (copyTarget, error) {
	if p.isURL {
		return postgres.CreateReplica(ctx, p.text)
	}
	return sqlite.CreateReplica(ctx, p.text)
}

var errInterrupted = &explained{"interrupted: nothing was kept", context.Canceled}

// orInterrupted returns err, or errInterrupted for whatever a store says when ctx ends under it.
func orInterrupted(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil {
		return errInterrupted
	}
	return err
}
