package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"example.com/postern/adapters/postgres"
	"example.com/postern/adapters/sqlite"
	"example.com/postern/domain"
)

// store is a [domain.Store] with the methods that the program itself needs.
type store interface {
	domain.Store
	Ping(ctx context.Context) error
	Monitor() domain.Store
	Connections() (used, idle int)
	SearchBacklog(ctx context.Context, limit int) (int, error)
	Close() error
}

// databaseConfig configures a PostgreSQL store.
type databaseConfig struct {
	Migrate                  string        `type:"choice" choices:"on|off" default:"on" placeholder:"on|off" group:"PostgreSQL" help:"on: bring the schema up to date at the start. off: leave that to postern migrate."`
	DatabasePooler           string        `type:"choice" choices:"on|off" default:"off" placeholder:"on|off" group:"PostgreSQL" help:"on: the URL leads to a pooler in transaction mode, such as PgBouncer."`
	DatabaseMaxConns         int           `type:"number" min:"1" max:"1000" placeholder:"N" shown:"4 for each core, from 8 to 16" group:"PostgreSQL" help:"How many connections are open at most."`
	DatabaseAcquireTimeout   time.Duration `type:"period" min:"10ms" max:"10s" default:"2s" placeholder:"DURATION" group:"PostgreSQL" help:"How long a request waits for a connection, 10ms to 10s. After that the answer is 503."`
	DatabaseStatementTimeout time.Duration `type:"period" min:"10ms" max:"25s" default:"5s" placeholder:"DURATION" group:"PostgreSQL" help:"How long a statement may take, 10ms to 25s."`
	DatabaseLockTimeout      time.Duration `type:"period" min:"10ms" max:"25s" default:"2s" placeholder:"DURATION" group:"PostgreSQL" help:"How long a statement may wait for a lock, 10ms to 25s."`

	databaseURL  domain.Secret
	variable     string // the variable that databaseURL was read from
	migrationURL domain.Secret
}

// loadDatabase reads the URLs and checks the settings that depend on each other.
func (c *databaseConfig) loadDatabase(getenv func(string) string) error {
	var urlErr, migrationErr error
	c.databaseURL, c.variable, urlErr = readDatabaseURL(getenv)
	c.migrationURL, migrationErr = readSecret(getenv, "POSTERN_MIGRATION_URL")
	if err := joinRefusals(urlErr, migrationErr); err != nil {
		return err
	}
	if c.databaseURL.IsSet() && !isPostgres(c.databaseURL) {
		return refuse(c.variable, "must be empty, for the embedded store, or a postgres:// URL")
	}
	switch {
	case !c.migrationURL.IsSet():
	case !c.databaseURL.IsSet():
		return refuse("POSTERN_MIGRATION_URL", "has no effect without POSTERN_DATABASE_URL")
	case !isPostgres(c.migrationURL):
		return refuse("POSTERN_MIGRATION_URL", "must be a postgres:// URL")
	}
	if c.DatabasePooler == "on" && c.Migrate == "on" && !c.migrationURL.IsSet() {
		return refuse("POSTERN_MIGRATION_URL", "is needed with POSTERN_DATABASE_POOLER=on, because migrations cannot go through "+
			"a pooler; or set POSTERN_MIGRATE=off and run postern migrate")
	}
	return nil
}

// readDatabaseURL returns the URL of the store and the name of its variable. Without a URL, the store is the embedded one.
func readDatabaseURL(getenv func(string) string) (url domain.Secret, variable string, err error) {
	url, err = readSecret(getenv, "POSTERN_DATABASE_URL")
	if url.IsSet() || err != nil {
		return url, "POSTERN_DATABASE_URL", err
	}
	text := getenv("DATABASE_URL")
	return domain.NewSecret(text), "DATABASE_URL", checkSecretText("DATABASE_URL", text)
}

func isPostgres(url domain.Secret) bool {
	scheme, _, found := strings.Cut(url.Reveal(), "://")
	return found && (scheme == "postgres" || scheme == "postgresql")
}

// openStore opens the PostgreSQL store if a URL is set, and otherwise the embedded store in the folder. It adds the settings
// to the options for PostgreSQL.
func (c *databaseConfig) openStore(
	ctx context.Context, folder string, embedded sqlite.Options, o postgres.Options,
) (store, error) {
	if !c.databaseURL.IsSet() {
		s, err := sqlite.Open(ctx, filepath.Join(folder, databaseName), embedded)
		if err != nil {
			return nil, fmt.Errorf("the store in POSTERN_DATA_DIR: %w", err)
		}
		return s, nil
	}
	s, err := postgres.Open(ctx, c.databaseURL.Reveal(), c.postgresOptions(o))
	if err != nil {
		return nil, fmt.Errorf("the store at %s: %w", c.variable, err)
	}
	return s, nil
}

// postgresOptions adds the settings to the options of a PostgreSQL store.
func (c *databaseConfig) postgresOptions(o postgres.Options) postgres.Options {
	o.MigrationURL = c.migrationURL.Reveal()
	o.SkipMigrations = c.Migrate == "off"
	o.Pooler = c.DatabasePooler == "on"
	o.PoolerHint = "set POSTERN_DATABASE_POOLER=on"
	o.MaxConns = c.DatabaseMaxConns
	o.AcquireTimeout = c.DatabaseAcquireTimeout
	o.StatementTimeout = c.DatabaseStatementTimeout
	o.LockTimeout = c.DatabaseLockTimeout
	return o
}

// storeName describes the store without revealing its address.
func (c *config) storeName() string {
	if c.databaseURL.IsSet() {
		return "PostgreSQL, at " + c.variable
	}
	return "embedded (SQLite), synchronous=" + c.SQLiteSynchronous
}

type migrateCommand struct{}

// Run migrates a PostgreSQL store to this program's schema.
func (migrateCommand) Run(p *process) error {
	url, variable, err := readDatabaseURL(p.getenv)
	direct, directErr := readSecret(p.getenv, "POSTERN_MIGRATION_URL")
	if err := joinRefusals(err, directErr); err != nil {
		return err
	}
	if direct.IsSet() {
		url, variable = direct, "POSTERN_MIGRATION_URL"
	}
	if !url.IsSet() {
		return refuse("POSTERN_MIGRATION_URL", "or POSTERN_DATABASE_URL is needed: the embedded store is migrated when it is opened")
	}
	if !isPostgres(url) {
		return refuse(variable, "must be a postgres:// URL")
	}
	if err := postgres.Migrate(p.ctx, url.Reveal()); err != nil {
		if p.ctx.Err() != nil {
			return errInterrupted
		}
		return fmt.Errorf("migrate the store at %s: %w", variable, err)
	}
	_, err = fmt.Fprintln(p.stdout, "The schema is up to date.")
	return err
}
