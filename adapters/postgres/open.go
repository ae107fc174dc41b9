package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgxpool"
)

// Open connects to the database at url, which begins with postgres:// and may name several hosts, and migrates its
// schema, unless the options say otherwise. Several processes may do so at the same time. The parameter sslmode of the
// URL configures TLS.
//
// Open fails if another program created tables of the same names, if the schema is older than this program needs, if
// the encoding is not UTF-8, or if a setting does not allow correct results. No error contains a password. ctx applies only
// to Open itself.
func Open(ctx context.Context, url string, o Options) (*Store, error) {
	s, err := open(ctx, url, o.withDefaults())
	if err != nil {
		return nil, fmt.Errorf("postgres: %w", err)
	}
	return s, nil
}

func open(ctx context.Context, url string, o Options) (*Store, error) {
	s, err := unconnectedStore(ctx, url, o)
	if err != nil {
		return nil, err
	}
	if !o.SkipMigrations {
		err = migrateTo(ctx, o.migrationURL(url), latestVersion, maxLockWait)
	}
	if err == nil {
		err = s.checkDatabase(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// unconnectedStore returns a store that has not connected yet.
func unconnectedStore(ctx context.Context, url string, o Options) (*Store, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	s := &Store{options: o, writeSlots: o.newWriteSlots(), cancelWait: defaultCancelWait}
	config, err := s.poolConfig(url)
	if err != nil {
		return nil, err
	}
	watchConfig, longConfig := config.Copy(), config.Copy()
	watchConfig.MaxConns, longConfig.MaxConns = watchConns, int32(o.MaxReadTxs)
	// They connect when they are used, and fail only for an invalid configuration, which is the same for all.
	var watchErr, longErr error
	s.pool, err = pgxpool.NewWithConfig(ctx, config)
	s.watchPool, watchErr = pgxpool.NewWithConfig(ctx, watchConfig)
	s.longPool, longErr = pgxpool.NewWithConfig(ctx, longConfig)
	return s, errors.Join(err, watchErr, longErr)
}

// checkDatabase returns an error if this program cannot use the database.
func (s *Store) checkDatabase(ctx context.Context) error {
	version, _, err := s.state(ctx)
	if err != nil {
		return fmt.Errorf("read the schema's version: %w", err)
	}
	if version < latestVersion {
		return fmt.Errorf("the schema has version %d, this program needs %d: run the migrations first", version, latestVersion)
	}
	return checkTables(ctx, s)
}
