package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"example.com/postern/domain"
)

var errReadOnly = errors.New("postgres: the transaction only reads")

// maxReadPause is how many milliseconds a ReadTx may do nothing before the server ends it. It is long, because its function
// may wait for a slow client. The caller's context ends it sooner, unless this process has stopped.
const maxReadPause = 600_000

// ReadTx implements [domain.Store], in REPEATABLE READ READ ONLY, on a connection that is reserved for it (see
// [Options.MaxReadTxs]).
func (s *Store) ReadTx(ctx context.Context, fn func(tx domain.Repositories) error) error {
	var conn *pgxpool.Conn
	var t *tx
	err := s.withRetries(ctx, func() (_ decision, err error) {
		if conn, err = s.acquire(ctx, s.longPool); err != nil {
			return done, err
		}
		t = &tx{store: s, conn: conn.Conn(), readOnly: true}
		if err = t.begin(ctx, s.readTxOptions()); err != nil {
			conn.Release()
		}
		return t.decision, err
	})
	if err != nil {
		return err
	}
	defer conn.Release()
	defer t.rollback(context.WithoutCancel(ctx))
	return fn(t)
}

func (s *Store) readTxOptions() pgx.TxOptions {
	begin := "begin isolation level repeatable read read only"
	if s.options.Pooler {
		for name, value := range s.options.serverTimeouts() {
			begin += "; set local " + name + " = " + value
		}
	}
	return pgx.TxOptions{BeginQuery: begin + fmt.Sprintf("; set local idle_in_transaction_session_timeout = %d", maxReadPause)}
}
