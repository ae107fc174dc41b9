package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"example.com/postern/domain/diagnosis"
)

// diagnosed is a database file that the checks look at.
type diagnosed struct {
	path    string
	db      *sql.DB // cannot write
	openErr error
}

// Diagnose checks the database at path. It changes nothing and creates no file, also while a service uses the database.
func Diagnose(ctx context.Context, path string) []diagnosis.Finding {
	d := &diagnosed{path: path}
	d.openErr = d.open(ctx)
	if d.db != nil {
		defer func() { _ = d.db.Close() }()
	}
	return diagnosis.Run(ctx, []diagnosis.Check{
		{Name: "store", Run: d.checkStore},
		{Name: "engine", Run: d.checkEngine},
		{Name: "version", Run: d.read(d.checkLibrary)},
		{Name: "schema", Run: d.read(d.checkSchema)},
		{Name: "encoding", Run: d.read(d.checkEncoding)},
		{Name: "privileges", Run: d.checkPrivileges},
		{Name: "indexes", Run: d.read(d.checkIndexes)},
		{Name: "pooler", Run: diagnosis.NotApplicable("the embedded store has no pooler")},
		{Name: "migrations", Run: diagnosis.NotApplicable("the service migrates the embedded store when it starts")},
		{Name: "clock", Run: diagnosis.NotApplicable("the embedded store uses the clock of this machine")},
		{Name: "outbox", Run: d.read(d.checkOutbox)},
		{Name: "temporary-folder", Run: d.checkTemporaryFolder},
		{Name: "disk-space", Run: d.checkDiskSpace},
	})
}

// open opens the database for reading. If the -wal file is missing or empty, probably no process has it open, and SQLite
// would create side files. open then opens it as a file that does not change. A service that begins to write at that moment
// may cause a wrong finding, but no harm.
func (d *diagnosed) open(ctx context.Context) (err error) {
	path, err := existingFile(d.path)
	if err != nil {
		return safe(err)
	}
	d.path = path
	dsn := readDSN(d.path)
	if info, err := os.Lstat(d.path + "-wal"); errors.Is(err, fs.ErrNotExist) || err == nil && info.Size() == 0 {
		dsn += "&immutable=1"
	}
	if d.db, err = sql.Open("sqlite", dsn); err != nil {
		return err
	}
	d.db.SetMaxOpenConns(1)
	bounded, cancel := context.WithTimeout(ctx, diagnosis.Timeout)
	defer cancel()
	_, _, err = countTables(bounded, d.db)
	return err
}

func (d *diagnosed) checkStore(context.Context) diagnosis.Finding {
	if d.openErr != nil {
		return diagnosis.Problem("the database file cannot be read: "+d.openErr.Error(),
			"see the checks of privileges and disk-space; if the file is damaged, restore a backup")
	}
	return diagnosis.OK("the database file can be read")
}

// read returns a check that reads the database. It is skipped if the database could not be opened.
func (d *diagnosed) read(check func(context.Context) (diagnosis.Finding, error)) func(context.Context) diagnosis.Finding {
	return func(ctx context.Context) diagnosis.Finding {
		if d.openErr != nil {
			return diagnosis.Skipped("the database file cannot be read")
		}
		finding, err := check(ctx)
		if err != nil {
			return diagnosis.Problem("this cannot be read: "+err.Error(), "if the file is damaged, restore a backup")
		}
		return finding
	}
}

func (d *diagnosed) checkEngine(context.Context) diagnosis.Finding {
	return diagnosis.OK("SQLite, built into this program")
}

func (d *diagnosed) checkLibrary(ctx context.Context) (diagnosis.Finding, error) {
	version, err := readText(ctx, d.db, "SELECT sqlite_version()")
	return diagnosis.OK("SQLite " + version), err
}

func (d *diagnosed) checkSchema(ctx context.Context) (diagnosis.Finding, error) {
	if err := checkVersion(ctx, d.db); err != nil {
		if version, _ := schemaVersion(ctx, d.db); version > 0 && version < latestVersion {
			return diagnosis.Warning(err.Error(), "start the service with this program, which migrates the store"), nil
		}
		return diagnosis.Problem(err.Error(), "check the data folder, and run the newest program that has served it"), nil
	}
	return diagnosis.OK(fmt.Sprintf("version %d, which is this program's", latestVersion)), nil
}

func (d *diagnosed) checkEncoding(ctx context.Context) (diagnosis.Finding, error) {
	encoding, err := readText(ctx, d.db, "PRAGMA encoding")
	if err == nil && encoding != "UTF-8" {
		return diagnosis.Problem("the database's encoding is "+encoding+" and must be UTF-8",
			"copy it to a new store with postern copy"), nil
	}
	return diagnosis.OK(encoding), err
}

// checkIndexes looks for parts of the schema that are missing. SQLite has no invalid indexes: it creates them in a transaction.
func (d *diagnosed) checkIndexes(ctx context.Context) (diagnosis.Finding, error) {
	if checkVersion(ctx, d.db) != nil {
		return diagnosis.Skipped("the schema is not this program's: see the check of schema"), nil
	}
	missing, err := missingParts(ctx, d.db)
	if err == nil && len(missing) > 0 {
		return diagnosis.Problem("the schema lacks "+strings.Join(missing, ", "),
			"restore a backup, or create it again as in sql/migrations/sqlite"), nil
	}
	return diagnosis.OK("all indexes and tables of the schema exist"), err
}

func readText(ctx context.Context, db *sql.DB, query string) (text string, err error) {
	err = db.QueryRowContext(ctx, query).Scan(&text)
	return text, err
}

// folder returns the folder of the database, where SQLite also writes its temporary files.
func (d *diagnosed) folder() string { return filepath.Dir(d.path) }
