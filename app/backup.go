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

type backupCommand struct {
	DataDir string `type:"path" default:"./data" placeholder:"FOLDER" group:"Data" help:"The folder of the embedded store."`
	Verify  bool   `option:"" default:"false" group:"Options" help:"Also compare the rows of each table with the store at the moment of the backup, and print their numbers."`
	File    string `arg:"" name:"file" type:"stream" help:"The file to create, or - to write the backup to the output."`
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

// backUp writes the store in a folder of o to a file that root has opened. It runs a second process, because a process
// cannot leave the store's folder again. If the folder of the file belongs to o, the file belongs to o too. With verify, the
// second process counts the rows, and backUp returns its report.
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
