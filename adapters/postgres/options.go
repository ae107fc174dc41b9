package postgres

import (
	"cmp"
	"errors"
	"runtime"
	"time"
)

// Options configures how a store connects, and how long it waits. A zero field means its default. Other timeouts must be at
// least 1 ms, the server's unit.
type Options struct {
	// MigrationURL is the URL that migrations connect to. It must connect to the server directly, not through a pooler,
	// and name a role that may change the schema. The default is the store's own URL.
	MigrationURL string

	// SkipMigrations leaves the schema as it is. Open then refuses a schema that is older than this program needs.
	SkipMigrations bool

	// Pooler must be set if the URL leads to a pooler in transaction mode, such as PgBouncer. No statement is then
	// prepared under a name, and every write is a transaction that first sends its settings. This is slower.
	Pooler bool

	// PoolerHint tells the operator how to set Pooler. If Pooler is not set, it is added to errors that a pooler
	// typically causes.
	PoolerHint string

	// MaxConns is the maximum number of open connections. [Store.Ping] and [Store.Monitor] have two more. The default is
	// 4 for each core, but at least 8 and at most 16. Writes and transactions may use all but two of them, so that reads
	// continue while writes wait for locks.
	MaxConns int

	// MaxReadTxs is how many calls of [Store.ReadTx] may run at once. Each has a connection besides those of MaxConns. The
	// default is 4.
	MaxReadTxs int

	// AcquireTimeout is how long a call waits for a connection. A write first waits for its turn, for as long.
	// The default is 2 s.
	AcquireTimeout time.Duration

	// StatementTimeout is how long a statement may take. The default is 5 s.
	StatementTimeout time.Duration

	// LockTimeout is how long a statement may wait for a lock. The default is 2 s.
	LockTimeout time.Duration

	// IdleInTransactionTimeout is how long a transaction may do nothing before the server rolls it back. The default is 5 s.
	IdleInTransactionTimeout time.Duration

	// Retried is called whenever a statement or a transaction runs again, and OutcomeUnknown whenever it is unknown whether
	// one was committed. They may be nil.
	Retried, OutcomeUnknown func()
}

func (o Options) withDefaults() Options {
	o.MaxConns = cmp.Or(o.MaxConns, min(16, max(8, 4*runtime.GOMAXPROCS(0))))
	o.MaxReadTxs = cmp.Or(o.MaxReadTxs, 4)
	o.AcquireTimeout = cmp.Or(o.AcquireTimeout, 2*time.Second)
	o.StatementTimeout = cmp.Or(o.StatementTimeout, 5*time.Second)
	o.LockTimeout = cmp.Or(o.LockTimeout, 2*time.Second)
	o.IdleInTransactionTimeout = cmp.Or(o.IdleInTransactionTimeout, 5*time.Second)
	if o.Retried == nil {
		o.Retried = func() {}
	}
	if o.OutcomeUnknown == nil {
		o.OutcomeUnknown = func() {}
	}
	return o
}

func (o Options) check() error {
	if o.Pooler && !o.SkipMigrations && o.MigrationURL == "" {
		return errors.New("migrations cannot go through a pooler: they need a URL of their own, or must be skipped")
	}
	return nil
}

// migrationURL returns the URL that migrations connect to. url is the store's own.
func (o Options) migrationURL(url string) string { return cmp.Or(o.MigrationURL, url) }
