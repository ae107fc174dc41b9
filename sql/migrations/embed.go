// Package migrations holds the schemas of the supported databases as goose migrations. Migrations only go forward, and
// run while instances of an earlier version still run. So a version only extends the schema, and a later version removes
// what is no longer used. Each file holds one kind of DDL.
//
// PostgreSQL's migrations run with a short lock_timeout. Those with CONCURRENTLY block nobody while they wait for a lock, and
// would have to start again if they gave up, so each sets lock_timeout to 0 and resets it.
package migrations

import (
	"embed"
	"io/fs"
	"slices"

	"github.com/pressly/goose/v3"
)

//go:embed postgres/*.sql sqlite/*.sql
var files embed.FS

// Postgres returns the migrations of PostgreSQL, in the root of the file system.
func Postgres() fs.FS { return folder("postgres") }

// SQLite returns the migrations of SQLite, in the root of the file system.
func SQLite() fs.FS { return folder("sqlite") }

func folder(name string) fs.FS {
	sub, err := fs.Sub(files, name)
	if err != nil {
		panic(err) // only a malformed path fails, and the names are constants
	}
	return sub
}

// LatestVersion returns the version of the last migration in the file system, which is the schema that this program needs.
func LatestVersion(fsys fs.FS) int64 {
	names, err := fs.Glob(fsys, "*.sql")
	if err != nil {
		panic(err) // only a malformed pattern fails
	}
	version, err := goose.NumericComponent(slices.Max(names))
	if err != nil {
		panic(err) // the names are part of the program
	}
	return version
}
