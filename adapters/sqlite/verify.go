package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"

	"github.com/pressly/goose/v3/database"
	"modernc.org/sqlite"
)

// TableCount is the number of rows in a table.
type TableCount struct {
	Table string
	Rows  int64
}

// copyAndCount is copyDatabase with a comparison of the numbers of rows.
//
// VACUUM INTO cannot run in the transaction that counts the rows. So all pages are first copied in that transaction, to a
// file that nobody else changes.
func copyAndCount(ctx context.Context, path, target string) (counts []TableCount, err error) {
	snapshot, err := createPartial(ctx, target+".snapshot")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, snapshot.discard()) }()
	if counts, err = copyPages(ctx, path, snapshot.name()); err != nil {
		return nil, err
	}
	// Nobody has it open, so that SQLite need not create side files for it.
	if err := vacuumInto(ctx, readDSN(snapshot.name())+"&immutable=1", target); err != nil {
		return nil, err
	}
	return counts, withDB(readDSN(target), func(db *sql.DB) error { return compareCounts(ctx, db, counts) })
}

// copyPages copies a database to an empty file as it is at one moment, and returns the numbers of rows at that moment.
func copyPages(ctx context.Context, path, target string) (counts []TableCount, err error) {
	err = withDB(readDSN(path), func(db *sql.DB) error {
		conn, err := db.Conn(ctx)
		if err != nil {
			return err
		}
		defer func() { _ = conn.Close() }()
		if counts, err = beginWithCounts(ctx, conn); err != nil {
			return err
		}
		return conn.Raw(func(driverConn any) error { return runBackup(ctx, driverConn, target) })
	})
	return counts, err
}

// beginWithCounts begins a transaction, in which the connection sees the database as it is now, and counts the rows.
func beginWithCounts(ctx context.Context, conn *sql.Conn) ([]TableCount, error) {
	if _, err := conn.ExecContext(ctx, "BEGIN"); err != nil {
		return nil, err
	}
	return tableCounts(ctx, conn)
}

// pagesPerStep bounds how long a copy continues after its context has ended.
const pagesPerStep = 4096

// runBackup copies the pages that a connection sees. Inside of a transaction these are the pages of one moment, whatever others
// write.
func runBackup(ctx context.Context, driverConn any, target string) error {
	source := driverConn.(interface {
		NewBackup(target string) (*sqlite.Backup, error)
	})
	to := url.URL{Scheme: "file", Path: target, RawQuery: "mode=rw&_synchronous=OFF"}
	backup, err := source.NewBackup(to.String())
	if err != nil {
		return err
	}
	more := true
	for more && err == nil {
		if more, err = backup.Step(pagesPerStep); err == nil {
			err = ctx.Err()
		}
	}
	return errors.Join(err, backup.Finish())
}

// tableCounts counts the rows of all tables, except those that SQLite and its search index keep for themselves.
func tableCounts(ctx context.Context, db database.DBTxConn) (counts []TableCount, err error) {
	names, err := readTexts(ctx, db, `SELECT name FROM pragma_table_list
		WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite\_%' ESCAPE '\' ORDER BY name`)
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		c := TableCount{Table: name}
		if err := db.QueryRowContext(ctx, "SELECT count(*) FROM "+quoted(name)).Scan(&c.Rows); err != nil {
			return nil, err
		}
		counts = append(counts, c)
	}
	return counts, nil
}

// readTexts returns the texts that a query selects.
func readTexts(ctx context.Context, db database.DBTxConn, query string) (texts []string, err error) {
	rows, err := db.QueryContext(ctx, query)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, err
		}
		texts = append(texts, text)
	}
	return texts, rows.Err()
}

// compareCounts returns an error unless the tables have the wanted numbers of rows.
func compareCounts(ctx context.Context, db database.DBTxConn, want []TableCount) error {
	found, err := tableCounts(ctx, db)
	if err != nil {
		return err
	}
	if len(found) != len(want) {
		return fmt.Errorf("the copy has %d tables, and the store has %d", len(found), len(want))
	}
	for i, c := range want {
		if found[i] != c {
			return fmt.Errorf("the table %s has %d rows in the store, and the copy has %d in %s",
				c.Table, c.Rows, found[i].Rows, found[i].Table)
		}
	}
	return nil
}
