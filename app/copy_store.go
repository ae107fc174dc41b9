package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
)

// copySource is what a store holds at one moment. Values are int64, string, bool, time.Time (UTC, microseconds) and nil.
type copySource interface {
	copyReader
	Count(ctx context.Context, table string) (int64, error)
	Close() error
}

// copyTarget is a store in the making, with the schema and no rows.
type copyTarget interface {
	copyReader
	Insert(ctx context.Context, table string, columns []string, rows iter.Seq2[[]any, error]) error
	SetHighWater(ctx context.Context, table string, mark int64) error

	// Commit keeps everything, at once.
	Commit(ctx context.Context) error

	// Close leaves nothing behind, unless Commit has returned nil.
	Close() error
}

type copyReader interface {
	// Identity tells which store this is.
	Identity() string

	// HighWater returns the highest id that a table ever gave out, or 0.
	HighWater(ctx context.Context, table string) (int64, error)

	// Rows returns a table's rows in the order of its key. A row is good until the next one.
	Rows(ctx context.Context, table string, columns, key []string) iter.Seq2[[]any, error]
}

// copyStore copies all tables, checks what the target holds by reading it, and prints a line for each. Only then it commits.
func copyStore(ctx context.Context, source copySource, target copyTarget, bar *progress, stdout io.Writer) error {
	rows, err := copyTables(ctx, source, target, bar, stdout)
	bar.end()
	if err != nil {
		return orInterrupted(ctx, err)
	}
	if err := target.Commit(ctx); err != nil {
		return fmt.Errorf("keep the copy: %w", err)
	}
	_, err = fmt.Fprintf(stdout, "Copied %d rows of %d tables.\n", rows, len(copiedTables))
	return err
}

// copyTables returns how many rows there are.
func copyTables(ctx context.Context, source copySource, target copyTarget, bar *progress, stdout io.Writer) (rows int64, err error) {
	wanted := make([]tally, len(copiedTables))
	for i, t := range copiedTables {
		if wanted[i], err = copyTable(ctx, source, target, t, bar); err != nil {
			return 0, fmt.Errorf("copy the table %s: %w", t.name, err)
		}
		rows += wanted[i].rows
	}
	return rows, checkCopy(ctx, target, wanted, bar, stdout)
}

// copyTable returns what was read.
func copyTable(ctx context.Context, source copySource, target copyTarget, t copiedTable, bar *progress) (tally, error) {
	total, err := source.Count(ctx, t.name)
	if err != nil {
		return tally{}, err
	}
	bar.begin("copying "+t.name, total)
	read := newTallier(t)
	if err := target.Insert(ctx, t.name, t.columns, read.through(source.Rows(ctx, t.name, t.columns, t.key), bar)); err != nil {
		return tally{}, err
	}
	mark, err := source.HighWater(ctx, t.name)
	if err != nil {
		return tally{}, err
	}
	return read.tally(mark), target.SetHighWater(ctx, t.name, mark)
}

var errCopyDiffers = errors.New("the target did not hold what was read from the source: nothing was kept")

// checkCopy reads everything back.
func checkCopy(ctx context.Context, target copyTarget, wanted []tally, bar *progress, stdout io.Writer) error {
	differs := false
	for i, t := range copiedTables {
		bar.begin("checking "+t.name, wanted[i].rows)
		found, err := readBack(ctx, target, t, bar)
		if err != nil {
			return fmt.Errorf("check the table %s: %w", t.name, err)
		}
		bar.end()
		verdict := "same"
		if found != wanted[i] {
			verdict, differs = "DIFFERENT: the target holds "+found.String(), true
		}
		if _, err := fmt.Fprintf(stdout, "%-14s %s  %s\n", t.name, wanted[i], verdict); err != nil {
			return err
		}
	}
	if differs {
		return errCopyDiffers
	}
	return nil
}

func readBack(ctx context.Context, target copyTarget, t copiedTable, bar *progress) (tally, error) {
	found := newTallier(t)
	for _, err := range found.through(target.Rows(ctx, t.name, t.columns, t.key), bar) {
		if err != nil {
			return tally{}, err
		}
	}
	mark, err := target.HighWater(ctx, t.name)
	return found.tally(mark), err
}
