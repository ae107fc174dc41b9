package postgres

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"time"

	"github.com/pressly/goose/v3"

	"example.com/postern/sql/migrations"
)

// A statement that waits for a table's lock keeps everybody out who comes after it. So it waits for a moment only, lets them pass, and
// tries again.
const (
	lockSlice    = 500 * time.Millisecond
	minLockPause = time.Second // others have at least two thirds of the time
	maxLockPause = 8 * time.Second
	maxLockWait  = 10 * time.Minute
)

// migrationStep is migrations of one kind that follow each other.
type migrationStep struct {
	version      int64 // of the last of them
	concurrently bool  // they are not in transactions and keep nobody out
}

// migrationSteps returns the steps to a version.
func migrationSteps(target int64) (steps []migrationStep, err error) {
	files, err := fs.Glob(migrations.Postgres(), "*.sql")
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		version, err := goose.NumericComponent(file)
		if err != nil {
			return nil, err
		}
		text, err := fs.ReadFile(migrations.Postgres(), file)
		if err != nil {
			return nil, err
		}
		step := migrationStep{version, bytes.Contains(text, []byte("-- +goose NO TRANSACTION"))}
		switch last := len(steps) - 1; {
		case version > target:
			return steps, nil
		case last >= 0 && steps[last].concurrently == step.concurrently:
			steps[last] = step
		default:
			steps = append(steps, step)
		}
	}
	return steps, nil
}

// run makes the migrations of the step that are not made yet. What a lock kept from being made was undone, and is tried again.
func (s migrationStep) run(ctx context.Context, db *sql.DB, lockWait time.Duration) error {
	provider, err := newProvider(db)
	if err != nil {
		return err
	}
	until := time.Now().Add(lockWait)
	for longest := minLockPause; ; longest = min(2*longest, maxLockPause) {
		_, err := provider.UpTo(ctx, s.version)
		if sqlState(err) != lockNotAvailable {
			return named(err)
		}
		if time.Now().After(until) {
			return fmt.Errorf("another transaction kept a lock on a table for %s: end it, or try again when it has ended: %w", lockWait, named(err))
		}
		if err := sleep(ctx, minLockPause/2+rand.N(longest)); err != nil {
			return err
		}
	}
}

// named returns the failure of a migration with the name of its file.
func named(err error) error {
	if failed, ok := errors.AsType[*goose.PartialError](err); ok && failed.Failed != nil {
		return fmt.Errorf("%s: %w", failed.Failed.Source.Path, plain(err))
	}
	return plain(err)
}
