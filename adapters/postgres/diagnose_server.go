package postgres

import (
	"context"
	"database/sql"
	"regexp"
	"strings"

	"github.com/jackc/pgx/v5/stdlib"

	"example.com/postern/domain/diagnosis"
)

// unsupportedEngines are servers that speak PostgreSQL's protocol and answer version() with a text of their own.
var unsupportedEngines = []struct{ mark, name string }{
	{"CockroachDB", "CockroachDB"},
	{"-YB-", "YugabyteDB"},
	{"Redshift", "Amazon Redshift"},
	{"Greenplum", "Greenplum"},
	{"Materialize", "Materialize"},
}

// originalVersion matches version() of PostgreSQL itself, with or without the name of a distribution.
var originalVersion = regexp.MustCompile(`^PostgreSQL \d+[^ ,]*( \([^)]*\))?(,| on )`)

// extensionsQuery looks for changes inside PostgreSQL: Citus, Aurora's functions, and settings of other vendors.
const extensionsQuery = `SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_extension WHERE extname = 'citus'),
	EXISTS (SELECT 1 FROM pg_catalog.pg_proc WHERE proname = 'aurora_version'),
	coalesce((SELECT string_agg(DISTINCT split_part(name, '.', 1), ', ') FROM pg_catalog.pg_settings
		WHERE split_part(name, '.', 1) IN ('neon', 'alloydb')), '')`

func (d *diagnosed) checkEngine(ctx context.Context) (diagnosis.Finding, error) {
	var version, vendors string
	var citus, aurora bool
	if err := d.db.QueryRowContext(ctx, "SELECT version()").Scan(&version); err != nil {
		return diagnosis.Finding{}, err
	}
	if finding := engineFinding(version, false, false, ""); finding.Status != diagnosis.StatusOK {
		return finding, nil // another engine may not know the catalog
	}
	err := d.db.QueryRowContext(ctx, extensionsQuery).Scan(&citus, &aurora, &vendors)
	return engineFinding(version, citus, aurora, vendors), err
}

func engineFinding(version string, citus, aurora bool, vendors string) diagnosis.Finding {
	unsupported := ""
	for _, engine := range unsupportedEngines {
		if strings.Contains(version, engine.mark) {
			unsupported = engine.name
		}
	}
	switch {
	case citus:
		unsupported = "PostgreSQL with Citus"
	case aurora:
		unsupported = "Amazon Aurora"
	}
	const action = "use PostgreSQL itself: no other engine is tested"
	switch {
	case unsupported != "":
		return diagnosis.Problem(unsupported+" is not supported", action)
	case vendors != "":
		return diagnosis.Warning("this is a PostgreSQL that was changed: it has settings of "+vendors, action)
	case !originalVersion.MatchString(version) || strings.Contains(version, "EnterpriseDB"):
		return diagnosis.Warning("this engine is not known", action)
	}
	return diagnosis.OK("PostgreSQL")
}

// checkPooler finds out whether there is a pooler, and compares it with the options.
func (d *diagnosed) checkPooler(ctx context.Context) (diagnosis.Finding, error) {
	direct, err := isDirect(ctx, d.db)
	if err != nil {
		return diagnosis.Finding{}, err
	}
	if direct && d.options.Pooler {
		return diagnosis.Warning("the connection is direct, but the settings announce a pooler: writes are slower than they need be",
			"switch that setting off"), nil
	} else if direct {
		return diagnosis.OK("the connection is direct"), nil
	}
	shares, err := sharesConnections(ctx, d.db)
	switch {
	case err != nil:
		return diagnosis.Finding{}, err
	case d.options.Pooler && shares:
		return diagnosis.OK("a pooler in transaction mode"), nil
	case d.options.Pooler:
		return diagnosis.OK("a pooler"), nil
	case shares:
		return diagnosis.Problem("there is a pooler in transaction mode, which the settings do not announce", d.options.PoolerHint), nil
	case d.storeErr != nil:
		return diagnosis.Problem("there is a pooler, which the settings do not announce, and the service cannot use the store through it",
			d.options.PoolerHint), nil
	}
	return diagnosis.Warning("there is a pooler, apparently in session mode", "if it is in transaction mode: "+d.options.PoolerHint), nil
}

const backendQuery = "SELECT pg_backend_pid()"

// isDirect reports whether connections lead to the server itself. The server announces its process when a connection begins; a
// pooler announces a number of its own.
func isDirect(ctx context.Context, db *sql.DB) (direct bool, err error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return false, err
	}
	defer func() { _ = conn.Close() }()
	var backend int32
	if err := conn.QueryRowContext(ctx, backendQuery).Scan(&backend); err != nil {
		return false, err
	}
	err = conn.Raw(func(driverConn any) error {
		direct = driverConn.(*stdlib.Conn).Conn().PgConn().PID() == uint32(backend)
		return nil
	})
	return direct, err
}

// sharesConnections reports whether two connections use the same process of the server in turn, as they do through a pooler
// in transaction mode. Under load it may report false.
func sharesConnections(ctx context.Context, db *sql.DB) (shares bool, err error) {
	var conns [2]*sql.Conn
	for i := range conns {
		if conns[i], err = db.Conn(ctx); err != nil {
			return false, err
		}
		defer func() { _ = conns[i].Close() }()
	}
	user := map[int32]int{} // of each process
	for range 4 {
		for i, conn := range conns {
			var backend int32
			if err := conn.QueryRowContext(ctx, backendQuery).Scan(&backend); err != nil {
				return false, err
			}
			if earlier, seen := user[backend]; seen && earlier != i {
				return true, nil
			}
			user[backend] = i
		}
	}
	return false, nil
}
