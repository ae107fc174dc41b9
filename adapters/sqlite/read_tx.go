package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"time"

	"example.com/postern/adapters/sqlite/internal/litedb"
	"example.com/postern/domain"
)

var (
	errReadOnly = errors.New("sqlite: the transaction only reads")
	errLogGrows = unavailable("the write-ahead log has grown too much during a long read")
)

// ReadTx implements [domain.Store], on a connection of its own. While it runs, SQLite cannot reuse the write-ahead log. If
// the log grows too much, the transaction ends and reads return [domain.ErrStoreUnavailable], so that many writes in the
// meantime cannot fill the disk.
func (s *Store) ReadTx(ctx context.Context, fn func(tx domain.Repositories) error) error {
	select {
	case <-s.closed:
		return errClosed
	default:
	}
	conn, err := s.longDB.Conn(ctx)
	if err != nil {
		return translate(ctx, err)
	}
	defer func() { _ = conn.Close() }() // the pool keeps no connection, so this ends the transaction
	if _, err := conn.ExecContext(ctx, "BEGIN"); err != nil {
		return translate(ctx, err)
	}
	t := &tx{queries: litedb.New(conn), readOnly: true}
	defer func() { _ = t.end() }()
	done := make(chan struct{})
	defer close(done)
	go s.limitLog(done, t, conn)
	return fn(t)
}

// limitLog ends a transaction when the write-ahead log has grown too much.
func (s *Store) limitLog(done <-chan struct{}, t *tx, conn *sql.Conn) {
	maxSize := s.logSize() + s.limits.logGrowth
	ticker := time.NewTicker(s.limits.logInterval)
	defer ticker.Stop()
	for s.logSize() <= maxSize {
		select {
		case <-ticker.C:
		case <-done:
			return
		}
	}
	if t.abort(errLogGrows) { // no statement runs now, and none will
		_, _ = conn.ExecContext(context.Background(), rollback)
	}
}

// logSize returns the size of the write-ahead log in bytes, or 0 if there is none.
func (s *Store) logSize() int64 {
	info, err := os.Stat(s.path + "-wal")
	if err != nil {
		return 0
	}
	return info.Size()
}
