package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"

	"example.com/postern/adapters/sqlite"
)

// databaseName is the embedded store's file in the data folder.
const databaseName = "postern.db"

// keysName is the key file in the data folder.
const keysName = "keys.json"

type backupCommand struct {
	DataDir string `type:"path" default:"./data" placeholder:"FOLDER" group:"Data" help:"Where the database is kept."`
	File    string `arg:"" name:"file" type:"path" help:"The copy, which must not be there yet, or - for the output."`
}

// Help implements [kong.HelpProvider].
func (*backupCommand) Help() string {
	return `The copy holds what was committed when it began, is checked, and is there whole or not at all.
With - as FILE, or as root for the store of another user, it takes the room of a copy in the data
folder until it is done.
The keys are not in it. A PostgreSQL store is backed up with pg_dump.`
}

// Run copies the embedded store, which may be serving.
func (c *backupCommand) Run(p *process) error {
	if err := c.refuseServer(p.getenv); err != nil {
		return err
	}
	folder, folderErr := filepath.Abs(c.DataDir)
	file, fileErr := filepath.Abs(c.File)
	if folderErr != nil || fileErr != nil {
		return &refusal{"backup needs paths that do not begin in a folder that no longer exists"}
	}
	err := c.write(p, folder, file)
	if err != nil {
		return orInterrupted(p.ctx, fmt.Errorf("back up the store in POSTERN_DATA_DIR: %w", err))
	}
	if c.File == "-" {
		return nil
	}
	_, err = io.WriteString(p.stdout, backupNotes)
	return err
}

// write writes the backup to the file, or to the output.
func (c *backupCommand) write(p *process, folder, file string) error {
	if c.File == "-" {
		folder, err := enterFolder(folder, databaseName)
		if err != nil {
			return err
		}
		err = sqlite.Stream(p.ctx, filepath.Join(folder, databaseName), p.stdout)
		if isReaderGone(err) {
			return errors.New("the reader of the output ended before the backup was complete")
		}
		return err
	}
	foreign, dir, err := foreignOwner(folder, databaseName)
	if err != nil {
		return err
	}
	if foreign == nil {
		return sqlite.Backup(p.ctx, filepath.Join(folder, databaseName), file)
	}
	_ = dir.Close()
	return sqlite.Receive(p.ctx, file, func(target *os.File) error { return foreign.backUp(p, folder, target) })
}

// backUp writes the store in a folder of o to a file that root has opened. A second process does it, which can enter the
// folder for good. In a folder that belongs to o, so does the backup.
func (o *owner) backUp(p *process, folder string, target *os.File) error {
	if info, err := os.Stat(filepath.Dir(target.Name())); err != nil {
		return err
	} else if uid, _ := ids(info); uid == o.uid {
		if err := target.Chown(o.uid, o.gid); err != nil {
			return err
		}
	}
	program, err := os.Executable()
	if err != nil {
		program = os.Args[0] // an empty root has no /proc
	}
	var messages strings.Builder
	command := exec.CommandContext(p.ctx, program, "backup", "--data-dir="+folder, "-")
	command.Cancel = func() error { return command.Process.Signal(syscall.SIGTERM) }
	command.Stdin = target // is not read: without one, /dev/null would be opened, which an empty root has not
	command.Stdout, command.Stderr = target, &messages
	if err := command.Run(); messages.Len() > 0 {
		return errors.New(strings.TrimPrefix(strings.TrimSpace(messages.String()), "postern: back up the store in POSTERN_DATA_DIR: "))
	} else if err != nil {
		return fmt.Errorf("the process that reads it: %w", err)
	}
	return nil
}

const backupNotes = `The backup is complete and was checked: it holds what was committed when it began.

The keys are not in it: back up keys.json, or POSTERN_JWT_SECRET, apart from it. Without them everyone is logged out.

To restore it, stop the service, run postern restore with the same data folder and this file, and start the service.
`

// refuseServer explains how to back up a store that is not embedded.
func (c *backupCommand) refuseServer(getenv func(string) string) error {
	url, variable, err := readDatabaseURL(getenv)
	if err != nil || !url.IsSet() {
		return err
	}
	return refuse(variable, `names a PostgreSQL store, which has tools of its own: pg_dump --format=custom --file=FILE "$`+variable+`"`)
}
