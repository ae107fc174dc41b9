package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"iter"
	"strings"

	"example.com/postern/sql/migrations"
)

// Replica is a database file that a copy fills. It gets its final name in Commit. The methods of its [Snapshot] read the
// inserted rows.
type Replica struct {
	Snapshot
	partial *partialFile
}

// CreateReplica creates a database at path with this program's schema and no rows. It refuses a path where a file exists.
// The caller must call Close.
func CreateReplica(ctx context.Context, path string) (*Replica, error) {
	partial, err := createPartial(ctx, path)
	if err != nil {
		return nil, safe(err)
	}
	r := &Replica{partial: partial}
	if err := r.start(ctx); err != nil {
		return nil, errors.Join(err, r.Close())
	}
	return r, nil
}

// start begins a transaction, whose lock also shows other processes that the file is in use. publish makes the file durable.
func (r *Replica) start(ctx context.Context) (err error) {
	if r.db, err = sql.Open("sqlite", dsn(r.partial.name(), "_journal_mode=MEMORY", "_synchronous=OFF")); err != nil {
		return err
	}
	r.db.SetMaxOpenConns(1)
	if err = migrate(ctx, r.db); err != nil {
		return err
	}
	return r.begin(ctx, begin)
}

// Insert fills a table with rows as [Snapshot.Rows] returns them. It returns an error of rows as it is.
func (r *Replica) Insert(ctx context.Context, table migrations.Table, rows iter.Seq2[[]any, error]) (err error) {
	if _, err := r.conn.ExecContext(ctx, "DELETE FROM "+quoted(table.Name)); err != nil { // what the migrations inserted
		return err
	}
	values := strings.Repeat(", ?", len(table.Columns))[len(", "):]
	insert, err := r.conn.PrepareContext(ctx,
		"INSERT INTO "+quoted(table.Name)+" ("+quoted(table.Columns...)+") VALUES ("+values+")")
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
		// database/sql would spend more time on watching the context than on the insert.
		if _, err := insert.ExecContext(context.WithoutCancel(ctx), row...); err != nil {
			return err
		}
	}
	return nil
}

// SetLastID makes the next id of the table higher than id.
func (r *Replica) SetLastID(ctx context.Context, table string, id int64) error {
	_, err := r.conn.ExecContext(ctx, "DELETE FROM sqlite_sequence WHERE name = ?", table)
	if err == nil && id > 0 {
		_, err = r.conn.ExecContext(ctx, "INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", table, id)
	}
	return err
}

// Commit flushes the file to the disk and gives it its final name. It refuses to replace another file.
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

// Close removes the file, unless Commit returned nil.
func (r *Replica) Close() error { return errors.Join(r.closeDB(), r.partial.discard()) }

func (r *Replica) closeDB() (err error) {
	if r.db != nil {
		err = r.Snapshot.Close()
	}
	r.conn, r.db = nil, nil
	return err
}
