package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"example.com/postern/adapters/sqlite"
)

type restoreCommand struct {
	DataDir string `type:"path" default:"./data" placeholder:"FOLDER" group:"Data" help:"The folder of the embedded store. It must exist."`
	File    string `arg:"" name:"file" type:"path" help:"The backup. It is not changed."`
}

// Help implements [kong.HelpProvider].
func (*restoreCommand) Help() string {
	return `Stop the service first. The backup is checked: it must be complete, and no newer than this program. If the command
fails, the old store stays in place. If it succeeds, the old store is kept in the data folder under another name.
All users must log in again. Ids that were used since the backup are not used again. The keys are not in a backup:
keys.json does not change.

For a PostgreSQL store, use pg_restore, and then postern epoch new.`
}

// Run replaces the embedded store with a backup.
func (c *restoreCommand) Run(p *process) error {
	if err := refuseServer(p.getenv, "pg_restore, and then postern epoch new"); err != nil {
		return err
	}
	backup, err := sqlite.OpenBackup(c.File)
	if err != nil {
		return err
	}
	defer func() { _ = backup.Close() }()
	folder, err := enterFolder(c.DataDir, databaseName)
	if err != nil {
		return refuse("POSTERN_DATA_DIR", "(--data-dir) cannot be used: "+err.Error())
	}
	done, err := sqlite.Restore(p.ctx, filepath.Join(folder, databaseName), backup, clock())
	if errors.Is(err, sqlite.ErrInUse) {
		return errors.New("the store in POSTERN_DATA_DIR is in use: stop the service, and every command that uses the store")
	} else if err != nil {
		return orNothingKept(p.ctx, fmt.Errorf("restore the store in POSTERN_DATA_DIR: %w", err))
	}
	_, err = fmt.Fprint(p.stdout, restoreReport(done))
	return err
}

// restoreReport describes what a restore did. It names files without their folder.
func restoreReport(done sqlite.Restored) string {
	var b strings.Builder
	fmt.Fprintf(&b, "The backup was checked and is in place as %s.\n", databaseName)
	if done.From != done.To {
		fmt.Fprintf(&b, "Its schema was migrated from version %d to %d.\n", done.From, done.To)
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
