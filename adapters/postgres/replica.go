package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// Replica is a database in the making, for a copy of another store. Everything is one transaction, the schema too if it was not
// there: until Commit nobody sees any of it.
type Replica struct {
	db       *sql.DB   // of one connection
	conn     *sql.Conn // in the transaction
	identity string
}

// CreateReplica begins a database with this program's schema and no rows at url. It refuses one that has a row in any of our
// tables, tables of our names that are not ours, or another version of the schema, and keeps others from writing to it. It wants
// a role that owns the schema or may make it. No error holds a password. The caller closes it.
func CreateReplica(ctx context.Context, url string) (_ *Replica, err error) {
	config, err := parse(url, patientConnectTimeout, true)
	if err != nil {
		return nil, err
	}
	c := config.ConnConfig
	c.DefaultQueryExecMode = pgx.QueryExecModeCacheDescribe // which no pooler minds
	r := &Replica{db: stdlib.OpenDB(*c, stdlib.OptionBeforeConnect(config.BeforeConnect))}
	r.db.SetMaxOpenConns(1)
	if err := r.start(ctx); err != nil {
		return nil, errors.Join(plain(err), r.Close())
	}
	return r, nil
}

func (r *Replica) start(ctx context.Context) error {
	version, err := checkOwnTables(ctx, r.db)
	if err != nil {
		return err
	}
	if r.conn, err = r.db.Conn(ctx); err != nil {
		return err
	}
	if err := r.with(func(conn *pgx.Conn) error { return r.begin(ctx, conn) }); err != nil {
		return err
	}
	if version == 0 {
		err = createSchema(ctx, r.conn)
	} else {
		err = r.with(func(conn *pgx.Conn) error { return lockEmpty(ctx, conn, version) })
	}
	if err != nil {
		return err
	}
	// The epoch is the copied store's.
	_, err = r.conn.ExecContext(ctx, "DELETE FROM store_epoch")
	return err
}

func (r *Replica) begin(ctx context.Context, conn *pgx.Conn) (err error) {
	scanUTC(conn)
	if _, err := conn.Exec(ctx, "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE"); err != nil {
		return err
	}
	if err := unlimited(ctx, conn); err != nil {
		return err
	}
	r.identity, err = identity(ctx, conn)
	return err
}

// with lends the connection beneath database/sql, which has no COPY.
func (r *Replica) with(fn func(*pgx.Conn) error) error {
	return plain(r.conn.Raw(func(driver any) error { return fn(driver.(*stdlib.Conn).Conn()) }))
}

// Identity is [Snapshot.Identity] of the finished database.
func (r *Replica) Identity() string { return r.identity }

// Insert adds rows with values as [Snapshot.Rows] gives them, until they end or hold an error, which it returns as it is.
func (r *Replica) Insert(ctx context.Context, table string, columns []string, rows iter.Seq2[[]any, error]) error {
	next, stop := iter.Pull2(rows)
	defer stop()
	return r.with(func(conn *pgx.Conn) error {
		var cause error // of which the server would only repeat the text
		_, err := conn.CopyFrom(ctx, pgx.Identifier{table}, columns, pgx.CopyFromFunc(func() (row []any, err error) {
			row, cause, _ = next()
			return row, cause
		}))
		if cause != nil {
			return cause
		}
		return err
	})
}

// SetHighWater makes the next id that the table gives out higher than mark.
func (r *Replica) SetHighWater(ctx context.Context, table string, mark int64) error {
	return r.with(func(conn *pgx.Conn) error {
		column, sequence, err := sequenceOf(ctx, conn, table)
		if err != nil || sequence == "" && mark == 0 {
			return err
		}
		if sequence == "" {
			return errors.New("the table gives out no ids here")
		}
		// A restart is undone with the transaction, and so is setval, which otherwise is not, after it.
		_, err = conn.Exec(ctx, fmt.Sprintf("ALTER TABLE %s ALTER COLUMN %s RESTART", quoted(table), column))
		if err == nil && mark > 0 {
			_, err = conn.Exec(ctx, "SELECT setval($1::text::regclass, $2)", sequence, mark)
		}
		return err
	})
}

// HighWater is [Snapshot.HighWater] of what was set.
func (r *Replica) HighWater(ctx context.Context, table string) (mark int64, err error) {
	err = r.with(func(conn *pgx.Conn) error {
		mark, err = highWater(ctx, conn, table)
		return err
	})
	return mark, err
}

// Rows is [Snapshot.Rows] of what was inserted.
func (r *Replica) Rows(ctx context.Context, table string, columns, key []string) iter.Seq2[[]any, error] {
	return func(yield func([]any, error) bool) {
		stopped := false
		err := r.with(func(conn *pgx.Conn) error {
			for row, err := range rows(ctx, conn, table, columns, key) {
				if err != nil {
					return err
				}
				if stopped = !yield(row, nil); stopped {
					return nil
				}
			}
			return nil
		})
		if err != nil && !stopped {
			yield(nil, err)
		}
	}
}

// commitTime bounds how long a commit may take. It is not cut short by the caller: then nobody would know what became of it.
const commitTime = time.Minute

// Commit makes the database what was put into it, all at once.
func (r *Replica) Commit(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), commitTime)
	defer cancel()
	return r.with(func(conn *pgx.Conn) error {
		tag, err := conn.Exec(ctx, "COMMIT")
		switch state := sqlState(err); {
		case err == nil && tag.String() != "COMMIT":
			return errors.New("the transaction had failed and was undone")
		case err != nil && (state == "" || isTransient(state)):
			return fmt.Errorf("the connection was lost during the commit, and whether it was done is not known: look whether the "+
				"target has rows: it has all of them or none: %w", plain(err))
		}
		return err
	})
}

// Close leaves nothing behind, unless Commit has returned nil: the server undoes what is not committed.
func (r *Replica) Close() (err error) {
	if r.conn != nil {
		err = r.conn.Close()
	}
	return errors.Join(err, r.db.Close())
}
