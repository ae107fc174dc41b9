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

// A statement that waits for the lock of a table blocks all later statements on it. So a migration waits only briefly,
// pauses to let other statements run, and tries again.
const (
	lockAttempt  = 500 * time.Millisecond
	minLockPause = time.Second // leaves other statements at least half of the time
	maxLockPause = 8 * time.Second
	maxLockWait  = 10 * time.Minute
)

// migrationStep is a series of migrations that all run in transactions, or all run outside of them.
type migrationStep struct {
	version      int64 // of the last migration
	concurrently bool  // they run outside of transactions and block nobody
}

// migrationSteps returns the steps up to the version target.
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

// run applies the migrations of the step that were not applied yet. A migration that did not get a lock was rolled back,
// and is tried again.
func (s migrationStep) run(ctx context.Context, db *sql.DB, lockWait time.Duration) error {
	provider, err := newProvider(db)
	if err != nil {
		return err
	}
	deadline := time.Now().Add(lockWait)
	for longest := minLockPause; ; longest = min(2*longest, maxLockPause) {
		_, err := provider.UpTo(ctx, s.version)
		if sqlState(err) != lockNotAvailable {
			return withFileName(err)
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("another transaction kept a lock on a table for %s: end it, or try again later: %w", lockWait, withFileName(err))
		}
		if err := sleep(ctx, minLockPause/2+rand.N(longest)); err != nil {
			return err
		}
	}
}

// withFileName adds the name of the migration that failed.
func withFileName(err error) error {
	if failed, ok := errors.AsType[*goose.PartialError](err); ok && failed.Failed != nil {
		return fmt.Errorf("%s: %w", failed.Failed.Source.Path, safe(err))
	}
	return safe(err)
}
