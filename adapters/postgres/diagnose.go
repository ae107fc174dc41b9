package postgres

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"example.com/postern/domain"
	"example.com/postern/domain/diagnosis"
	"example.com/postern/sql/migrations"
)

// diagnosed is a database that the checks look at.
type diagnosed struct {
	options  Options
	url      string
	store    *Store // connects as the service does
	storeErr error
	db       *sql.DB // does not check settings, so it also connects to a server that the service refuses
	openErr  error
}

// Diagnose checks the database at url, with the options of the service. It changes nothing: it reads the catalog and a few
// rows, takes no lock that another statement waits for, and limits each wait to [diagnosis.Timeout]. No text contains a
// password or an address.
func Diagnose(ctx context.Context, url string, o Options) []diagnosis.Finding {
	d := &diagnosed{options: o.withDefaults(), url: url}
	if d.store, d.storeErr = unconnectedStore(ctx, url, d.options); d.storeErr == nil {
		defer func() { _ = d.store.Close() }()
	}
	if d.db, d.openErr = openPlainly(url); d.openErr == nil {
		defer func() { _ = d.db.Close() }()
	}
	return diagnosis.Run(ctx, []diagnosis.Check{
		{Name: "store", Run: d.checkStore},
		{Name: "engine", Run: d.read(d.checkEngine)},
		{Name: "version", Run: d.read(d.checkServerVersion)},
		{Name: "schema", Run: d.read(d.checkSchema)},
		{Name: "encoding", Run: d.read(d.checkEncoding)},
		{Name: "privileges", Run: d.read(d.checkPrivileges)},
		{Name: "indexes", Run: d.read(d.checkIndexes)},
		{Name: "pooler", Run: d.read(d.checkPooler)},
		{Name: "migrations", Run: d.read(d.checkMigrations)},
		{Name: "clock", Run: d.read(d.checkClock)},
		{Name: "outbox", Run: d.read(d.checkOutbox)},
		{Name: "temporary-folder", Run: d.read(d.checkTemporaryFiles)},
		{Name: "disk-space", Run: diagnosis.NotApplicable("the server does not tell how much space is free: watch it there")},
	})
}

// openPlainly opens a database, possibly through a pooler. Unlike the service, it does not check the settings.
func openPlainly(url string) (*sql.DB, error) {
	config, err := parse(url, connectTimeout, true)
	if err != nil {
		return nil, err
	}
	c := config.ConnConfig
	c.AfterConnect = nil
	c.DefaultQueryExecMode = pgx.QueryExecModeCacheDescribe // works through a pooler
	db := stdlib.OpenDB(*c, stdlib.OptionBeforeConnect(config.BeforeConnect))
	db.SetMaxOpenConns(2) // checkPooler compares two
	return db, nil
}

// read returns a check that reads the database. It is skipped if the database does not answer.
func (d *diagnosed) read(check func(context.Context) (diagnosis.Finding, error)) func(context.Context) diagnosis.Finding {
	return func(ctx context.Context) diagnosis.Finding {
		if d.openErr == nil {
			d.openErr = d.db.PingContext(ctx)
		}
		if d.openErr != nil {
			return diagnosis.Skipped("the database does not answer")
		}
		switch finding, err := check(ctx); {
		case err != nil && ctx.Err() != nil:
			return diagnosis.Problem("the database did not answer in time", "try again; a transaction may hold a lock (see pg_locks)")
		case err != nil:
			return diagnosis.Problem("this cannot be read: "+safe(err).Error(), "see the checks of store and engine")
		default:
			return finding
		}
	}
}

// checkStore does what the service does when it starts, except for migrations. An older schema is left to checkSchema.
func (d *diagnosed) checkStore(ctx context.Context) diagnosis.Finding {
	const action = "check the URL, the server and its log, and the network between"
	if d.storeErr != nil {
		return diagnosis.Problem(d.storeErr.Error(), action)
	}
	version, readOnly, err := d.store.state(ctx)
	if err == nil && version >= latestVersion {
		err = d.store.checkDatabase(ctx)
	}
	switch d.storeErr = err; {
	case ctx.Err() != nil:
		return diagnosis.Problem("the database did not answer in time", action)
	case err != nil:
		return diagnosis.Problem(strings.TrimPrefix(err.Error(), domain.ErrStoreUnavailable.Error()+": "), action)
	case readOnly:
		return diagnosis.Problem("the database is read-only: it is a standby, or default_transaction_read_only is on",
			"connect to the primary, or let the database accept writes again")
	}
	return diagnosis.OK("the database answers, accepts writes, and has the settings that the service needs")
}

const (
	oldestServer = 15
	newestServer = 18
)

func (d *diagnosed) checkServerVersion(ctx context.Context) (diagnosis.Finding, error) {
	var major int
	var version string
	err := d.db.QueryRowContext(ctx, "SELECT current_setting('server_version_num')::int / 10000, current_setting('server_version')").
		Scan(&major, &version)
	message := "the server has version " + version
	switch {
	case err != nil:
		return diagnosis.Finding{}, err
	case major < oldestServer:
		return diagnosis.Problem(message, fmt.Sprintf("upgrade the server to one of the versions %d to %d", oldestServer, newestServer)), nil
	case major > newestServer:
		return diagnosis.Warning(message+", with which this program was not tested",
			fmt.Sprintf("prefer one of the versions %d to %d", oldestServer, newestServer)), nil
	}
	return diagnosis.OK(message), nil
}

func (d *diagnosed) checkSchema(ctx context.Context) (diagnosis.Finding, error) {
	version, err := checkOwnTables(ctx, d.db)
	message := fmt.Sprintf("version %d, and this program's is %d", version, latestVersion)
	switch {
	case ctx.Err() != nil:
		return diagnosis.Finding{}, err
	case err != nil:
		return diagnosis.Problem(safe(err).Error(), "check that the URL leads to the store's database and schema"), nil
	case version < latestVersion && d.options.SkipMigrations:
		return diagnosis.Problem(message+": the service does not start", "run postern migrate"), nil
	case version < latestVersion:
		return diagnosis.Warning(message, "restart the service with this program, or run postern migrate"), nil
	case version > latestVersion:
		return diagnosis.Warning(message+": a newer program has migrated it", "upgrade this program too"), nil
	}
	return diagnosis.OK(fmt.Sprintf("version %d, which is this program's", version)), nil
}

func (d *diagnosed) checkEncoding(ctx context.Context) (diagnosis.Finding, error) {
	var encoding string
	err := d.db.QueryRowContext(ctx, "SELECT current_setting('server_encoding')").Scan(&encoding)
	if err == nil && encoding != "UTF8" {
		return diagnosis.Problem("the database's encoding is "+encoding+" and must be UTF8",
			"create a database with ENCODING 'UTF8', and restore a dump into it"), nil
	}
	return diagnosis.OK(encoding), err
}

// checkIndexes looks for indexes whose creation by CREATE INDEX CONCURRENTLY failed. PostgreSQL maintains them and does not
// use them.
func (d *diagnosed) checkIndexes(ctx context.Context) (diagnosis.Finding, error) {
	var invalid, building string
	err := d.db.QueryRowContext(ctx, `SELECT coalesce(string_agg(name, ', ' ORDER BY name) FILTER (WHERE NOT building), ''),
			coalesce(string_agg(name, ', ' ORDER BY name) FILTER (WHERE building), '')
		FROM (
			SELECT i.relname AS name, EXISTS (
				SELECT 1 FROM pg_catalog.pg_stat_progress_create_index AS p WHERE p.index_relid = i.oid
			) AS building
			FROM pg_catalog.pg_index AS x
			JOIN pg_catalog.pg_class AS i ON i.oid = x.indexrelid
			JOIN pg_catalog.pg_class AS t ON t.oid = x.indrelid
			JOIN pg_catalog.pg_namespace AS n ON n.oid = t.relnamespace
			WHERE n.nspname = current_schema() AND t.relname = ANY (string_to_array($1, ','))
				AND NOT (x.indisvalid AND x.indisready AND x.indislive)
		) AS unusable`, strings.Join(migrations.TableNames(), ",")).Scan(&invalid, &building)
	switch {
	case err != nil:
		return diagnosis.Finding{}, err
	case invalid != "":
		return diagnosis.Problem("invalid, and never used: "+invalid, "if the schema is not up to date, run postern migrate, which builds its "+
			"indexes again; otherwise REINDEX INDEX CONCURRENTLY (or DROP INDEX CONCURRENTLY, if the name ends in _ccnew or _ccold)"), nil
	case building != "":
		return diagnosis.Warning("being built: "+building, "wait, and check again"), nil
	}
	return diagnosis.OK("all indexes are valid"), nil
}

// The clocks of two instances may differ by 30 s, so each may differ from the server's by half of that.
const (
	maxClockOffset  = 15 * time.Second
	goodClockOffset = time.Second
)

// checkClock compares the clocks. The answer takes time to arrive, so only the part of the offset beyond that time is
// certain.
func (d *diagnosed) checkClock(ctx context.Context) (diagnosis.Finding, error) {
	before := time.Now()
	var server time.Time
	if err := d.db.QueryRowContext(ctx, "SELECT clock_timestamp()").Scan(&server); err != nil {
		return diagnosis.Finding{}, err
	}
	after := time.Now()
	switch {
	case server.Before(before):
		return clockFinding(before.Sub(server), "ahead of"), nil
	case server.After(after):
		return clockFinding(server.Sub(after), "behind"), nil
	}
	return clockFinding(0, ""), nil
}

func clockFinding(offset time.Duration, direction string) diagnosis.Finding {
	const action = "synchronize the clocks of all machines, for example with chrony"
	message := fmt.Sprintf("this machine's clock is %v %s the server's", offset.Round(time.Millisecond), direction)
	switch {
	case offset > maxClockOffset:
		return diagnosis.Problem(message+": instances may refuse each other's tokens", action)
	case offset > goodClockOffset:
		return diagnosis.Warning(message, action)
	}
	return diagnosis.OK("this machine's clock and the server's agree")
}

// minTemporaryFiles is the smallest limit, in KiB, on the temporary files that a session needs for sorting and for indexes.
const minTemporaryFiles = 64 << 10

func (d *diagnosed) checkTemporaryFiles(ctx context.Context) (diagnosis.Finding, error) {
	var limit int64
	err := d.db.QueryRowContext(ctx, "SELECT setting::bigint FROM pg_catalog.pg_settings WHERE name = 'temp_file_limit'").Scan(&limit)
	if err == nil && limit >= 0 && limit < minTemporaryFiles {
		return diagnosis.Warning(fmt.Sprintf("the server allows a session %d KiB of temporary files", limit),
			"raise temp_file_limit: searches and migrations may need more"), nil
	}
	return diagnosis.OK("this program writes none, and the server allows enough"), err
}
