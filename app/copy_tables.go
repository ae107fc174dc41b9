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

// copyStore copies all tables, reads them back from the target, and prints a line for each. It commits unless one differs.
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

// copyTables copies all tables, and compares each with what was read from the source. It returns the number of rows.
func copyTables(ctx context.Context, source tableReader, target tableWriter, bar *progress, stdout io.Writer) (rows int64, err error) {
	differs := false
	for _, table := range migrations.Tables {
		copied, found, err := copyTable(ctx, source, target, table, bar)
		if err != nil {
			return 0, fmt.Errorf("copy the table %s: %w", table.Name, err)
		}
		verdict := "same"
		if found != copied {
			verdict, differs = "DIFFERENT: the target contains "+found.String(), true
		}
		bar.end()
		if _, err := fmt.Fprintf(stdout, "%-18s %s  %s\n", table.Name, copied, verdict); err != nil {
			return 0, err
		}
		rows += copied.rows
	}
	if differs {
		return 0, errCopyDiffers
	}
	return rows, nil
}

var errCopyDiffers = errors.New("the copy differs from the source: nothing was kept")

// copyTable copies one table, and reads it back from the target.
func copyTable(ctx context.Context, source tableReader, target tableWriter, table migrations.Table, bar *progress) (copied, found tally, err error) {
	bar.begin("copying " + table.Name)
	if err := target.Insert(ctx, table, copied.count(source.Rows(ctx, table), bar)); err != nil {
		return copied, found, err
	}
	if table.MakesIDs {
		if copied.lastID, err = source.LastID(ctx, table.Name); err != nil {
			return copied, found, err
		}
		if err := target.SetLastID(ctx, table.Name, copied.lastID); err != nil {
			return copied, found, err
		}
		if found.lastID, err = target.LastID(ctx, table.Name); err != nil {
			return copied, found, err
		}
	}
	bar.begin("checking " + table.Name)
	for _, err := range found.count(target.Rows(ctx, table), bar) {
		if err != nil {
			return copied, found, err
		}
	}
	return copied, found, nil
}

// tally summarizes a table. Two tables with the same tally have the same rows.
type tally struct {
	rows   int64
	hash   [sha256.Size]byte // of what appendRow makes of the rows
	lastID int64
}

func (t tally) String() string { return fmt.Sprintf("%9d rows  sha256:%x", t.rows, t.hash) }

// count returns the same rows. After the last one, the tally is complete.
func (t *tally) count(rows iter.Seq2[[]any, error], bar *progress) iter.Seq2[[]any, error] {
	return func(yield func([]any, error) bool) {
		hash := sha256.New()
		var text []byte
		for row, err := range rows {
			text = appendRow(text[:0], row)
			hash.Write(text)
			if !yield(row, err) || err != nil {
				return
			}
			t.rows++
			bar.step()
		}
		hash.Sum(t.hash[:0])
	}
}

// appendRow appends the values of a row to a text. Different rows of a table have different texts: a string follows its length.
// JSON would make a copy take half again as much processor time.
func appendRow(text []byte, row []any) []byte {
	for _, value := range row {
		switch v := value.(type) {
		case string:
			text = strconv.AppendInt(text, int64(len(v)), 10)
			text = append(append(text, ':'), v...)
		case int64:
			text = strconv.AppendInt(text, v, 10)
		case time.Time:
			text = strconv.AppendInt(append(text, 't'), v.UnixMicro(), 10)
		default:
			text = fmt.Append(text, v)
		}
		text = append(text, ',')
	}
	return text
}
