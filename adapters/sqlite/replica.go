package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"iter"
	"strings"
)

// Replica is a database file in the making, for a copy of another store. Until Commit nobody sees it.
type Replica struct {
	partial *partialFile
	db      *sql.DB
	conn    *sql.Conn // in one transaction
}

// CreateReplica begins a database with this program's schema and no rows at path. It refuses a path where anything is. The
// caller closes it.
func CreateReplica(ctx context.Context, path string) (_ *Replica, err error) {
	partial, err := createPartial(ctx, path)
	if err != nil {
		return nil, pathless(err)
	}
	r := &Replica{partial: partial}
	if err := r.start(ctx); err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return r, nil
}

// start leaves durability to publish. The transaction tells others that somebody works on the file.
func (r *Replica) start(ctx context.Context) (err error) {
	if r.db, err = sql.Open("sqlite", dsn(r.partial.name(), "_journal_mode=MEMORY", "_synchronous=OFF")); err != nil {
		return err
	}
	r.db.SetMaxOpenConns(1)
	if _, err = migrate(ctx, r.db); err != nil {
		return err
	}
	if r.conn, err = r.db.Conn(ctx); err != nil {
		return err
	}
	// The epoch is the copied store's.
	_, err = r.conn.ExecContext(ctx, begin+"; DELETE FROM store_epoch")
	return err
}

// Identity is [Snapshot.Identity] of the finished database.
func (r *Replica) Identity() string { return "file " + r.partial.path }

// Insert adds rows with values as [Snapshot.Rows] gives them, until they end or hold an error, which it returns as it is.
func (r *Replica) Insert(ctx context.Context, table string, columns []string, rows iter.Seq2[[]any, error]) (err error) {
	places := strings.Repeat(", ?", len(columns))[len(", "):]
	insert, err := r.conn.PrepareContext(ctx, "INSERT INTO "+quoted(table)+" ("+quoted(columns...)+") VALUES ("+places+")")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, insert.Close()) }()
	for row, err := range rows {
		if err == nil {
			err = ctx.Err()
		}
		if err != nil {
			return err
		}
		// Watching a context costs more than the insert.
		if _, err := insert.ExecContext(context.WithoutCancel(ctx), row...); err != nil {
			return err
		}
	}
	return nil
}

// SetHighWater makes the next id that the table gives out higher than mark.
func (r *Replica) SetHighWater(ctx context.Context, table string, mark int64) error {
	_, err := r.conn.ExecContext(ctx, "DELETE FROM sqlite_sequence WHERE name = ?", table)
	if err == nil && mark > 0 {
		_, err = r.conn.ExecContext(ctx, "INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", table, mark)
	}
	return err
}

// HighWater is [Snapshot.HighWater] of what was set.
func (r *Replica) HighWater(ctx context.Context, table string) (int64, error) {
	return highWater(ctx, r.conn, table)
}

// Rows is [Snapshot.Rows] of what was inserted.
func (r *Replica) Rows(ctx context.Context, table string, columns, key []string) iter.Seq2[[]any, error] {
	return rows(ctx, r.conn, table, columns, key)
}

// Commit flushes the database to the disk and gives it its name, unless something has that by now.
func (r *Replica) Commit(ctx context.Context) error {
	if _, err := r.conn.ExecContext(ctx, commit); err != nil {
		return err
	}
	if err := r.closeDB(); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return r.partial.publish()
}

// Close leaves nothing behind, unless Commit has returned nil.
func (r *Replica) Close() error { return errors.Join(r.closeDB(), r.partial.discard()) }

func (r *Replica) closeDB() (err error) {
	if r.conn != nil {
		err = r.conn.Close()
	}
	if r.db != nil {
		err = errors.Join(err, r.db.Close())
	}
	r.conn, r.db = nil, nil
	return err
}
