package postgres

import (
	"errors"
	"runtime"
	"time"
)

// Options says how the database is reached and for how long it is waited for. A zero member means its default.
type Options struct {
	// MigrationURL is where migrations are made: over a direct connection, never through a pooler, by a role that may change
	// the schema. The default is the store's own URL, which must then be direct.
	MigrationURL string

	// SkipMigrations leaves the schema as it is. Open then refuses one that is older than this program's.
	SkipMigrations bool

	// Pooler says that the URL leads to a pooler in transaction mode, such as PgBouncer: no statement is prepared under a name, and
	// every write is a transaction, which sets what a session would otherwise be set to. It costs speed.
	Pooler bool

	// PoolerHint says how to set Pooler. It is added to errors that a pooler gives when Pooler is not set.
	PoolerHint string

	// MaxConns is how many connections are open at most, beside two for [Store.Ping] and [Store.Monitor]. The default is 4 for each core, from 8 to 16. Writes and transactions
	// have all but two of them, and at least one: however many wait for a lock, reads go on if there are three or more.
	MaxConns int

	// AcquireTimeout is how long a call waits for a connection, and a write before that for its turn. The default is 2 s.
	AcquireTimeout time.Duration

	// StatementTimeout is how long a statement may take. The default is 5 s.
	StatementTimeout time.Duration

	// LockTimeout is how long a statement may wait for a lock. The default is 2 s.
	LockTimeout time.Duration

	// IdleInTransactionTimeout is how long a transaction may do nothing before the server undoes it. The default is 5 s.
	IdleInTransactionTimeout time.Duration
}

func (o Options) withDefaults() Options {
	if o.MaxConns == 0 {
		o.MaxConns = min(16, max(8, 4*runtime.GOMAXPROCS(0)))
	}
	for timeout, value := range map[*time.Duration]time.Duration{
		&o.AcquireTimeout: 2 * time.Second, &o.StatementTimeout: 5 * time.Second,
		&o.LockTimeout: 2 * time.Second, &o.IdleInTransactionTimeout: 5 * time.Second,
	} {
		if *timeout == 0 {
			*timeout = value
		}
	}
	return o
}

func (o Options) check() error {
	if o.MaxConns < 1 {
		return errors.New("there must be at least one connection")
	}
	if min(o.AcquireTimeout, o.StatementTimeout, o.LockTimeout, o.IdleInTransactionTimeout) < time.Millisecond {
		return errors.New("a timeout must be at least 1 ms") // the server counts in these, and 0 means none
	}
	if o.Pooler && !o.SkipMigrations && o.MigrationURL == "" {
		return errors.New("migrations cannot go through a pooler: they need a URL of their own, or must be skipped")
	}
	return nil
}
