package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"sync"

	"example.com/postern/adapters/sqlite/internal/litedb"
)

// statements prepares each statement when it is first used, and keeps it. Their texts are constants, so their number is
// bounded. If a statement cannot be prepared, it runs unprepared, which returns the error, and the next use tries again. SQLite
// prepares a statement again by itself after the schema has changed.
type statements struct {
	litedb.DBTX
	prepared sync.Map // the *sql.Stmt of each text
}

func (s *statements) ExecContext(ctx context.Context, text string, args ...any) (sql.Result, error) {
	if stmt := s.prepare(ctx, text); stmt != nil {
		return stmt.ExecContext(ctx, args...)
	}
	return s.DBTX.ExecContext(ctx, text, args...)
}

func (s *statements) QueryContext(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	if stmt := s.prepare(ctx, text); stmt != nil {
		return stmt.QueryContext(ctx, args...)
	}
	return s.DBTX.QueryContext(ctx, text, args...)
}

func (s *statements) QueryRowContext(ctx context.Context, text string, args ...any) *sql.Row {
	if stmt := s.prepare(ctx, text); stmt != nil {
		return stmt.QueryRowContext(ctx, args...)
	}
	return s.DBTX.QueryRowContext(ctx, text, args...)
}

// prepare returns nil if the statement cannot be prepared.
func (s *statements) prepare(ctx context.Context, text string) *sql.Stmt {
	if stmt, ok := s.prepared.Load(text); ok {
		return stmt.(*sql.Stmt)
	}
	stmt, err := s.PrepareContext(ctx, text)
	if err != nil {
		return nil
	}
	if first, ok := s.prepared.LoadOrStore(text, stmt); ok {
		_ = stmt.Close()
		return first.(*sql.Stmt)
	}
	return stmt
}

// close closes the statements. Nothing may use them at that time.
func (s *statements) close() (err error) {
	for _, stmt := range s.prepared.Range {
		err = errors.Join(err, stmt.(*sql.Stmt).Close())
	}
	return err
}
