package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"example.com/postern/adapters/postgres/internal/pgdb"
)

// Open connects to the database at url, which begins with postgres:// and may name several hosts, and migrates its
// schema, unless the options say otherwise. Several processes may do so at the same time. The URL decides on TLS
// (sslmode).
//
// Open fails if the database has tables with the same names from another program, if its schema is then still too old,
// if its encoding is not UTF-8, or if its settings do not allow correct results ([WrongSettingError]). No error
// contains a password. ctx applies only to Open itself.
func Open(ctx context.Context, url string, o Options) (*Store, error) {
	s, err := open(ctx, url, o.withDefaults())
	if err != nil {
		return nil, fmt.Errorf("postgres: %w", o.hinted(plain(err)))
	}
	return s, nil
}

func open(ctx context.Context, url string, o Options) (_ *Store, err error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	s := &Store{options: o, writers: o.writers(), settleTime: defaultSettleTime}
	config, err := s.poolConfig(url)
	if err != nil {
		return nil, err
	}
	if s.schema, err = knownVersion(); err != nil {
		return nil, err
	}
	if !o.SkipMigrations {
		if o.MigrationURL != "" {
			url = o.MigrationURL
		}
		if err := migrate(ctx, url); err != nil {
			return nil, err
		}
	}
	watchConfig := config.Copy()
	watchConfig.MaxConns = watchConns
	if s.pool, err = pgxpool.NewWithConfig(ctx, config); err != nil {
		return nil, err
	}
	if s.watchPool, err = pgxpool.NewWithConfig(ctx, watchConfig); err != nil {
		s.pool.Close()
		return nil, err
	}
	if err := s.checkDatabase(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// checkDatabase returns an error unless this program can use the database.
func (s *Store) checkDatabase(ctx context.Context) error {
	version, _, err := s.state(ctx)
	if err != nil {
		return fmt.Errorf("read the schema's version: %w", plain(err))
	}
	if version < s.schema {
		return fmt.Errorf("the schema has version %d, this program needs %d: run the migrations first", version, s.schema)
	}
	err = s.readConn(ctx, func(ctx context.Context, conn *pgx.Conn) error {
		_, err := pgdb.New(conn).PostByID(ctx, 0)
		return err
	})
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return fmt.Errorf("read the tables: %w", plain(err))
	}
	return nil
}
