package sqlite

import (
	"context"
	"database/sql"
	"strings"
)

// keepTempFiles makes SQLite put its temporary files into a folder that it may write to, next to the data: a container may have
// no other. It sorts what is large there, an index being made for example. The files have no name once they are open, so
// nothing is left of them. The setting is the whole process's.
func keepTempFiles(ctx context.Context, db *sql.DB, folder string) error {
	_, err := db.ExecContext(ctx, "PRAGMA temp_store_directory = '"+strings.ReplaceAll(folder, "'", "''")+"'")
	return err
}
