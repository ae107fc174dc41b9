package main

import (
	"fmt"
	"path/filepath"

	"example.com/postern/adapters/sqlite"
)

// databaseName is the embedded store's file in the data folder.
const databaseName = "postern.db"

type backupCommand struct {
	DataDir string `type:"path" default:"./data" placeholder:"FOLDER" group:"Data" help:"Where the database is kept."`
	File    string `arg:"" name:"file" help:"The copy, which must not be there yet."`
}

// Help implements [kong.HelpProvider].
func (*backupCommand) Help() string {
	return `The copy holds what was committed when it began, is checked, and is there whole or not at all.
The keys are not in it. A PostgreSQL store is backed up with pg_dump.`
}

// Run copies the embedded store, which may be serving.
func (c *backupCommand) Run(p *process) error {
	if err := c.refuseServer(p.getenv); err != nil {
		return err
	}
	folder, folderErr := filepath.Abs(c.DataDir)
	file, fileErr := filepath.Abs(c.File)
	if c.File == "" || folderErr != nil || fileErr != nil {
		return &refusal{"backup needs the path of a file that is not there yet"}
	}
	err := sqlite.Backup(p.ctx, filepath.Join(folder, databaseName), file)
	if err != nil {
		return orInterrupted(p.ctx, fmt.Errorf("back up the store in POSTERN_DATA_DIR: %w", err))
	}
	_, err = fmt.Fprintf(p.stdout, backupNotes, databaseName)
	return err
}

const backupNotes = `The backup is complete and was checked: it holds what was committed when it began.

The keys are not in it: back up keys.json, or POSTERN_JWT_SECRET, apart from it. Without them everyone is logged out.

To restore it, stop the service; take %[1]s, %[1]s-wal and %[1]s-shm out of the data folder, all that are there; put the
backup in their place as %[1]s, with mode 0600; start the service.
`

// refuseServer explains how to back up a store that is not embedded.
func (c *backupCommand) refuseServer(getenv func(string) string) error {
	url, variable, err := readDatabaseURL(getenv)
	if err != nil || !url.IsSet() {
		return err
	}
	return refuse(variable, `names a PostgreSQL store, which has tools of its own: pg_dump --format=custom --file=FILE "$`+variable+`"`)
}
