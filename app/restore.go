package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"example.com/postern/adapters/sqlite"
)

type restoreCommand struct {
	DataDir string `type:"path" default:"./data" placeholder:"FOLDER" group:"Data" help:"Where the database is kept. The folder must be there."`
	File    string `arg:"" name:"file" type:"path" help:"The backup, which is only read."`
}

// Help implements [kong.HelpProvider].
func (*restoreCommand) Help() string {
	return `Stop the service first. The backup is checked: whether it is sound, a store of this program, and not
newer than this program. Whatever happens, the folder holds the old store or the new one, whole. The old
one is kept beside it under another name. Everybody must log in again, and no id that was given out
since the backup is given out a second time. The keys are not in a backup: keys.json stays as it is.

A PostgreSQL store is restored with pg_restore, and then needs postern epoch new.`
}

// Run puts a backup in the place of the embedded store.
func (c *restoreCommand) Run(p *process) error {
	if err := c.refuseServer(p.getenv); err != nil {
		return err
	}
	folder, folderErr := filepath.Abs(c.DataDir)
	file, fileErr := filepath.Abs(c.File)
	if folderErr != nil || fileErr != nil {
		return &refusal{"restore needs paths that do not begin in a folder that no longer exists"}
	}
	backup, err := sqlite.OpenBackup(file)
	if err != nil {
		return err
	}
	defer func() { _ = backup.Close() }()
	if folder, err = enterFolder(folder, databaseName); err != nil {
		return refuse("POSTERN_DATA_DIR", "(--data-dir) cannot be used: "+err.Error())
	}
	done, err := sqlite.Restore(p.ctx, filepath.Join(folder, databaseName), backup, clock())
	if errors.Is(err, sqlite.ErrInUse) {
		return errors.New("the store in POSTERN_DATA_DIR is in use: stop the service, and every other command that works on it")
	} else if err != nil {
		return orInterrupted(p.ctx, fmt.Errorf("restore the store in POSTERN_DATA_DIR: %w", err))
	}
	_, err = fmt.Fprint(p.stdout, restoreReport(done))
	return err
}

// restoreReport names files by their names in the data folder.
func restoreReport(done sqlite.Restored) string {
	var b strings.Builder
	fmt.Fprintf(&b, "The backup was checked, and is in place as %s.\n", databaseName)
	if done.From != done.To {
		fmt.Fprintf(&b, "Its schema was brought from version %d to %d.\n", done.From, done.To)
	}
	switch {
	case done.Kept == "":
		b.WriteString("There was no store in the data folder before.\n")
	case done.Readable:
		fmt.Fprintf(&b, "The store that was there before is kept in the data folder as\n  %s\n", done.Kept)
	default:
		fmt.Fprintf(&b, "The store that was there before cannot be read. Its files are kept in the data folder; their names begin with\n  %s\n",
			done.Kept)
	}
	b.WriteString(newEpochNotes)
	return b.String()
}

// refuseServer explains how to restore a store that is not embedded.
func (c *restoreCommand) refuseServer(getenv func(string) string) error {
	url, variable, err := readDatabaseURL(getenv)
	if err != nil || !url.IsSet() {
		return err
	}
	return refuse(variable, `names a PostgreSQL store, which has tools of its own: pg_restore, and then postern epoch new`)
}
