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
	DataDir string `type:"path" default:"./data" placeholder:"FOLDER" group:"Data" help:"The folder of the embedded store."`
	File    string `arg:"" name:"file" type:"path" help:"The file to create, or - to write the backup to the output."`
}

// Help implements [kong.HelpProvider].
func (*backupCommand) Help() string {
	return `The backup contains what was committed when the command began. It is checked. If the command fails, it leaves no
file. If <file> is -, or if root backs up the store of another user, the data folder needs free space for a copy.
The keys are not in the backup. For a PostgreSQL store, use pg_dump.`
}

// Run backs up the embedded store. A service may be using the store at the same time.
func (c *backupCommand) Run(p *process) error {
	if err := refuseServer(p.getenv, "pg_dump --format=custom"); err != nil {
		return err
	}
	folder, folderErr := absolutePath("POSTERN_DATA_DIR", c.DataDir)
	file, fileErr := absolutePath("<file>", c.File)
	if err := joinRefusals(folderErr, fileErr); err != nil {
		return err
	}
	err := c.write(p, folder, file)
	if err != nil {
		return orNothingKept(p.ctx, fmt.Errorf("back up the store in POSTERN_DATA_DIR: %w", err))
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

// backUp writes the store in a folder of o to a file that root has opened. If the folder of that file belongs to o, the file
// belongs to o too. It runs a second process, because entering the store's folder cannot be undone.
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
	command.Stdin = target // it is not read, but without it exec would open /dev/null, which an empty root does not have
	command.Stdout, command.Stderr = target, &messages
	if err := command.Run(); messages.Len() > 0 {
		return errors.New(strings.TrimPrefix(strings.TrimSpace(messages.String()), "postern: back up the store in POSTERN_DATA_DIR: "))
	} else if err != nil {
		return fmt.Errorf("the process that reads it: %w", err)
	}
	return nil
}

const backupNotes = `The backup is complete and was checked: it contains what was committed when it began.

The keys are not in it: back up keys.json, or POSTERN_JWT_SECRET, separately. Without the same keys, all users are logged out.

To restore it, stop the service, run postern restore with the same data folder and this file, and start the service.
`

// refuseServer refuses a PostgreSQL store, and names the tools to use instead.
func refuseServer(getenv func(string) string, tools string) error {
	url, variable, err := readDatabaseURL(getenv)
	if err != nil || !url.IsSet() {
		return err
	}
	return refuse(variable, "names a PostgreSQL store: use "+tools)
}
