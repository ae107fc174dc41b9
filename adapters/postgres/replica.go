package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"example.com/postern/sql/migrations"
)

// Replica is a database that a copy fills in one transaction. Other connections see no row before Commit. The methods of
// its [Snapshot] read the inserted rows.
type Replica struct {
	*Snapshot
	config *pgx.ConnConfig
	isNew  bool // Close must drop the tables
}

// CreateReplica opens the database at url for a copy. It creates the tables if there are none. It refuses tables that have
// rows, that have another version than this program's, or that another program created. Until Close, no other connection can
// write to them. The role must own the schema. No error contains a password.
func CreateReplica(ctx context.Context, url string) (*Replica, error) {
	config, err := copyConfig(url)
	if err != nil {
		return nil, err
	}
	r := &Replica{config: config}
	if err := r.start(ctx); err != nil {
		return nil, errors.Join(safe(err), r.Close())
	}
	return r, nil
}

const readWrite = "ISOLATION LEVEL READ COMMITTED READ WRITE"

func (r *Replica) start(ctx context.Context) (err error) {
	if err := r.createSchema(ctx); err != nil {
		return err
	}
	if r.Snapshot, err = beginCopy(ctx, r.config, readWrite); err != nil {
		return err
	}
	if err := checkVersion(ctx, r.conn); err != nil {
		return err
	}
	return lockEmpty(ctx, r.conn)
}

// createSchema runs the migrations on a database that has none of our tables.
func (r *Replica) createSchema(ctx context.Context) (err error) {
	db := stdlib.OpenDB(*r.config)
	defer func() { err = errors.Join(err, db.Close()) }()
	version, err := checkOwnTables(ctx, db)
	if err != nil || version > 0 {
		return err
	}
	r.isNew = true
	provider, err := newProvider(db)
	if err != nil {
		return err
	}
	_, err = provider.Up(ctx)
	return withFileName(err)
}

// lockEmpty prevents other connections from writing to our tables until the transaction ends. It refuses a table with rows
// that the migrations did not insert.
func lockEmpty(ctx context.Context, conn *sql.Conn) error {
	var found string
	if err := conn.QueryRowContext(ctx, `SELECT coalesce(string_agg(relname, ','), '') FROM pg_catalog.pg_class
		WHERE relnamespace = current_schema()::regnamespace AND relkind = 'r' AND relname = ANY (string_to_array($1, ','))`,
		strings.Join(migrations.TableNames(), ",")).Scan(&found); err != nil || found == "" {
		return err
	}
	names := strings.Split(found, ",")
	if _, err := conn.ExecContext(ctx, "LOCK TABLE "+quoted(names...)+" IN SHARE ROW EXCLUSIVE MODE"); err != nil {
		return err
	}
	for _, table := range migrations.Tables {
		if table.Seeded || !slices.Contains(names, table.Name) {
			continue // a table is missing if a migration failed
		}
		var hasRows bool
		if err := conn.QueryRowContext(ctx, "SELECT EXISTS (SELECT FROM "+quoted(table.Name)+")").Scan(&hasRows); err != nil {
			return err
		}
		if hasRows {
			return fmt.Errorf("it is not empty: the table %s has rows", table.Name)
		}
	}
	return nil
}

// Insert fills a table with rows as [Snapshot.Rows] returns them. It returns an error of rows as it is.
func (r *Replica) Insert(ctx context.Context, table migrations.Table, rows iter.Seq2[[]any, error]) error {
	if _, err := r.conn.ExecContext(ctx, "DELETE FROM "+quoted(table.Name)); err != nil { // what the migrations inserted
		return safe(err)
	}
	next, stop := iter.Pull2(rows)
	defer stop()
	var failed error // an error of rows, of which CopyFrom returns only the text
	source := pgx.CopyFromFunc(func() (row []any, err error) {
		row, failed, _ = next()
		return row, failed
	})
	err := r.onConn(func(conn *pgx.Conn) error {
		_, err := conn.CopyFrom(ctx, pgx.Identifier{table.Name}, table.Columns, source)
		return err
	})
	if failed != nil {
		return failed
	}
	return safe(err)
}

// onConn runs fn with the connection of the copy.
func (r *Replica) onConn(fn func(*pgx.Conn) error) error {
	return r.conn.Raw(func(conn any) error { return fn(conn.(*stdlib.Conn).Conn()) })
}

// SetLastID makes the next id of the table higher than id.
func (r *Replica) SetLastID(ctx context.Context, table string, id int64) error {
	// A rollback undoes setval only after a RESTART in the same transaction.
	_, err := r.conn.ExecContext(ctx, "ALTER SEQUENCE "+sequenceOf(table)+" RESTART")
	if err == nil {
		_, err = r.conn.ExecContext(ctx, "SELECT setval($1::text::regclass, greatest($2::bigint, 1), $2 > 0)", sequenceOf(table), id)
	}
	return safe(err)
}

// commitTimeout is the longest time that a commit may take. The caller's context does not end it, because the outcome of an
// interrupted commit is unknown.
const commitTimeout = time.Minute

// Commit makes everything that was inserted visible at once.
func (r *Replica) Commit(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), commitTimeout)
	defer cancel()
	var tag pgconn.CommandTag
	err := r.onConn(func(conn *pgx.Conn) (err error) {
		tag, err = conn.Exec(ctx, "COMMIT")
		return err
	})
	switch state := sqlState(err); {
	case err == nil && tag.String() != "COMMIT":
		return errors.New("the transaction had failed and was rolled back")
	case err == nil:
		r.isNew = false
	case state == "" || isTransient(state):
		return fmt.Errorf("the connection was lost during the commit, whose outcome is unknown: check whether the target has "+
			"rows: it has all of them or none: %w", safe(err))
	}
	return safe(err)
}

// Close undoes the copy unless Commit returned nil: the server rolls back, and Close drops the tables that were created.
func (r *Replica) Close() (err error) {
	if r.Snapshot != nil {
		err = r.Snapshot.Close()
	}
	if r.isNew {
		err = errors.Join(err, r.dropSchema())
	}
	return err
}

// dropTimeout is the longest time that dropSchema may take.
const dropTimeout = 20 * time.Second

// dropSchema drops the tables that createSchema created, unless they have rows in the meantime.
func (r *Replica) dropSchema() error {
	ctx, cancel := context.WithTimeout(context.Background(), dropTimeout)
	defer cancel()
	s, err := beginCopy(ctx, r.config, readWrite)
	if err != nil {
		return err
	}
	if err = lockEmpty(ctx, s.conn); err == nil {
		names := append(migrations.TableNames(), goose.DefaultTablename, lock.DefaultLockTableName)
		_, err = s.conn.ExecContext(ctx, "DROP TABLE IF EXISTS "+quoted(names...)+" CASCADE; COMMIT")
	}
	if err != nil {
		err = fmt.Errorf("drop the new tables: %w", safe(err))
	}
	return errors.Join(err, s.Close())
}
