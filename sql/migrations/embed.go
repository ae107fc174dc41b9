// Package migrations holds the schema of every database that Postern can keep its data in, as goose migrations. They only
// go forward on a running service: expand first, contract in a later version. One file holds one kind of DDL.
package migrations

import (
	"embed"
	"io/fs"
)

//go:embed postgres/*.sql sqlite/*.sql
var files embed.FS

// Postgres returns the migrations of PostgreSQL, each at the root of the file system.
func Postgres() fs.FS { return folder("postgres") }

// SQLite returns the migrations of SQLite, each at the root of the file system.
func SQLite() fs.FS { return folder("sqlite") }

func folder(name string) fs.FS {
	sub, err := fs.Sub(files, name)
	if err != nil {
		panic(err) // only a malformed path fails, and the names are constants
	}
	return sub
}
