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
	Verify  bool   `option:"" default:"false" group:"Options" help:"Also compare the rows of each table with the store at the moment of the backup, and print their numbers."`
	File    string `arg:"" name:"file" type:"path" help:"The file to create, or - to write the backup to the output."`
}

// Help implements [kong.HelpProvider].
func (*backupCommand) Help() string {
	return `The backup contains what was committed when the command began. It is checked. If the command fails, it leaves no
file. If <file> is -, or if root backs up the store of another user, the data folder needs free space for a copy.
With --verify, the numbers of rows go to the output, or to stderr if <file> is -. While the command runs, it needs
space for a second copy beside the first one. If a number differs, the exit status is 1 and there is no backup.
The keys are not in the backup. For a PostgreSQL store, use pg_dump.`
}

// Run backs up the embedded store. A service may be using the store at the same time.
func (c *backupCommand) Run(p *process) error {
	if err := refuseServer(p.getenv, "pg_dump --format=custom"); err != nil {
		return err
	}
	report, err := c.write(p)
	if err != nil {
		return orNothingKept(p.ctx, fmt.Errorf("back up the store in POSTERN_DATA_DIR: %w", err))
	}
	if c.File == "-" {
		_, err = io.WriteString(p.stderr, report)
		return err
	}
	_, err = io.WriteString(p.stdout, report+backupNotes)
	return err
}

// write writes the backup to the file, or to the output. With --verify it returns a report.
func (c *backupCommand) write(p *process) (report string, err error) {
	if c.File == "-" {
		folder, err := enterFolder(c.DataDir, databaseName)
		if err != nil {
			return "", err
		}
		counts, err := sqlite.Stream(p.ctx, filepath.Join(folder, databaseName), p.stdout, c.Verify)
		if isReaderGone(err) {
			return "", errors.New("the reader of the output ended before the backup was complete")
		}
		return verifiedReport(counts), err
	}
	foreign, dir, err := foreignOwner(c.DataDir, databaseName)
	if err != nil {
		return "", err
	}
	if foreign == nil {
		counts, err := sqlite.Backup(p.ctx, filepath.Join(c.DataDir, databaseName), c.File, c.Verify)
		return verifiedReport(counts), err
	}
	_ = dir.Close()
	err = sqlite.Receive(p.ctx, c.File, func(target *os.File) (err error) {
		report, err = foreign.backUp(p, c.DataDir, target, c.Verify)
		return err
	})
	return report, err
}

// verifiedReport describes a backup whose rows were counted. For others it is empty.
func verifiedReport(counts []sqlite.TableCount) string {
	if counts == nil {
		return ""
	}
	var b strings.Builder
	b.WriteString("Verified. Each table has as many rows as in the store at the moment of the backup:\n")
	for _, c := range counts {
		fmt.Fprintf(&b, "  %-18s %9d rows\n", c.Table, c.Rows)
	}
	b.WriteString("\n")
	return b.String()
}

// backUp writes the store in a folder of o to a file that root has opened. If the folder of that file belongs to o, the file
// belongs to o too. It runs a second process, because entering the store's folder cannot be undone.
// With verify, that process counts the rows, and backUp returns its report.
func (o *owner) backUp(p *process, folder string, target *os.File, verify bool) (report string, err error) {
	if info, err := os.Stat(filepath.Dir(target.Name())); err != nil {
		return "", err
	} else if uid, _ := ids(info); uid == o.uid {
		if err := target.Chown(o.uid, o.gid); err != nil {
			return "", err
		}
	}
	program, err := os.Executable()
	if err != nil {
		program = os.Args[0] // an empty root has no /proc
	}
	args := []string{"backup", "--data-dir=" + folder, "-"}
	if verify {
		args = append(args, "--verify")
	}
	var messages strings.Builder
	command := exec.CommandContext(p.ctx, program, args...)
	command.Cancel = func() error { return command.Process.Signal(syscall.SIGTERM) }
	command.Stdin = target // it is not read, but without it exec would open /dev/null, which an empty root does not have
	command.Stdout, command.Stderr = target, &messages
	err = command.Run()
	switch text := messages.String(); {
	case err == nil && verify:
		return text, nil
	case text != "":
		return "", errors.New(strings.TrimPrefix(strings.TrimSpace(text), "postern: back up the store in POSTERN_DATA_DIR: "))
	case err != nil:
		return "", fmt.Errorf("the process that reads it: %w", err)
	}
	return "", nil
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
