package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"iter"
	"strconv"
	"time"

	"example.com/postern/sql/migrations"
)

// tableReader reads the tables of a store as they are at one moment. Values are int64, string, bool, time.Time (UTC) and nil.
type tableReader interface {
	// Identity returns a text that identifies the store.
	Identity() string

	// Rows returns the rows of a table in the order of its key. A row is valid until the next one is read.
	Rows(ctx context.Context, table migrations.Table) iter.Seq2[[]any, error]

	// LastID returns the highest id that a table has ever generated, or 0.
	LastID(ctx context.Context, table string) (int64, error)

	Close() error
}

// tableWriter fills an empty store. Its methods of [tableReader] read what was inserted.
type tableWriter interface {
	tableReader
	Insert(ctx context.Context, table migrations.Table, rows iter.Seq2[[]any, error]) error
	SetLastID(ctx context.Context, table string, id int64) error

	// Commit makes the copy permanent.
	Commit(ctx context.Context) error

	// Close removes the copy, unless Commit returned nil.
	Close() error
}

// copyStore copies all tables, reads them back from the target, and prints a line for each. It commits unless a table differs.
func copyStore(ctx context.Context, source tableReader, target tableWriter, bar *progress, stdout io.Writer) error {
	rows, err := copyTables(ctx, source, target, bar, stdout)
	bar.end()
	if err != nil {
		return orNothingKept(ctx, err)
	}
	if err := target.Commit(ctx); err != nil {
		return fmt.Errorf("keep the copy: %w", err)
	}
	_, err = fmt.Fprintf(stdout, "Copied %d rows of %d tables.\n", rows, len(migrations.Tables))
	return err
}

// copyTables copies and checks all tables. It returns the number of rows.
func copyTables(ctx context.Context, source tableReader, target tableWriter, bar *progress, stdout io.Writer) (rows int64, err error) {
	copied := make([]tally, len(migrations.Tables))
	for i, table := range migrations.Tables {
		if copied[i], err = copyTable(ctx, source, target, table, bar); err != nil {
			return 0, fmt.Errorf("copy the table %s: %w", table.Name, err)
		}
		rows += copied[i].rows
	}
	return rows, checkTables(ctx, target, copied, bar, stdout)
}

// copyTable copies one table. It returns the tally of the rows that it read from the source.
func copyTable(ctx context.Context, source tableReader, target tableWriter, table migrations.Table, bar *progress) (copied tally, err error) {
	bar.begin("copying " + table.Name)
	if err := target.Insert(ctx, table, copied.count(source.Rows(ctx, table), bar)); err != nil || !table.MakesIDs {
		return copied, err
	}
	if copied.lastID, err = source.LastID(ctx, table.Name); err != nil {
		return copied, err
	}
	return copied, target.SetLastID(ctx, table.Name, copied.lastID)
}

var errCopyDiffers = errors.New("the copy differs from the source: nothing was kept")

// checkTables reads everything back from the target and compares it with what was copied.
func checkTables(ctx context.Context, target tableReader, copied []tally, bar *progress, stdout io.Writer) error {
	differs := false
	for i, table := range migrations.Tables {
		bar.begin("checking " + table.Name)
		found, err := readTable(ctx, target, table, bar)
		if err != nil {
			return fmt.Errorf("check the table %s: %w", table.Name, err)
		}
		bar.end()
		verdict := "same"
		if found != copied[i] {
			verdict, differs = "DIFFERENT: the target contains "+found.String(), true
		}
		if _, err := fmt.Fprintf(stdout, "%-14s %s  %s\n", table.Name, copied[i], verdict); err != nil {
			return err
		}
	}
	if differs {
		return errCopyDiffers
	}
	return nil
}

func readTable(ctx context.Context, from tableReader, table migrations.Table, bar *progress) (found tally, err error) {
	for _, err := range found.count(from.Rows(ctx, table), bar) {
		if err != nil {
			return found, err
		}
	}
	if table.MakesIDs {
		found.lastID, err = from.LastID(ctx, table.Name)
	}
	return found, err
}

// tally summarizes a table. Two tables with the same tally have the same rows.
type tally struct {
	rows   int64
	hash   [sha256.Size]byte // a chain: the hash of each row includes the hash of the rows before it
	lastID int64
}

func (t tally) String() string { return fmt.Sprintf("%9d rows  sha256:%x", t.rows, t.hash) }

// count returns the same rows, and adds each of them to the tally.
func (t *tally) count(rows iter.Seq2[[]any, error], bar *progress) iter.Seq2[[]any, error] {
	return func(yield func([]any, error) bool) {
		var buffer []byte
		for row, err := range rows {
			if err == nil {
				buffer = t.add(buffer[:0], row)
			}
			if !yield(row, err) || err != nil {
				return
			}
			bar.step()
		}
	}
}

// add adds a row to the tally. It hashes each value with its type, and a text with its length, so that different rows have
// different hashes. It returns the buffer for the next row.
func (t *tally) add(buffer []byte, row []any) []byte {
	line := append(buffer, t.hash[:]...)
	for _, value := range row {
		switch v := value.(type) {
		case string:
			line = strconv.AppendInt(append(line, 's'), int64(len(v)), 10)
			line = append(append(line, ':'), v...)
		case int64:
			line = strconv.AppendInt(append(line, 'i'), v, 10)
		case time.Time:
			line = strconv.AppendInt(append(line, 't'), v.UnixMicro(), 10)
		default:
			line = fmt.Appendf(line, "(%T %v)", v, v)
		}
	}
	t.hash = sha256.Sum256(line)
	t.rows++
	return line
}
