package postgres

import (
	"context"
	"database/sql"
	"slices"
	"strings"

	"github.com/pressly/goose/v3"

	"example.com/postern/domain/diagnosis"
	"example.com/postern/sql/migrations"
)

// onlyRead lists the tables and views that the service only reads. appended lists the tables whose rows the service never
// changes or deletes. It reads and writes all other tables.
var (
	onlyRead = []string{"shown_posts", "store_epoch", goose.DefaultTablename}
	appended = []string{"operator_actions"}
)

// checkPrivileges checks what the service's role may do.
func (d *diagnosed) checkPrivileges(ctx context.Context) (diagnosis.Finding, error) {
	const action = "grant them to the role (docs/scaling.md lists the statements)"
	var hasSchema bool
	if err := d.db.QueryRowContext(ctx, "SELECT current_schema() IS NOT NULL").Scan(&hasSchema); err != nil {
		return diagnosis.Finding{}, err
	}
	if !hasSchema {
		return diagnosis.Problem("no schema of the search_path exists, or the role may not use it",
			"grant USAGE on the schema to the role, and check the search_path"), nil
	}
	restricted := slices.Concat(onlyRead, appended)
	written := slices.DeleteFunc(migrations.TableNames(), func(name string) bool { return slices.Contains(restricted, name) })
	var found int
	var missing string
	err := d.db.QueryRowContext(ctx, `SELECT count(*), coalesce(string_agg(privilege || ' on ' || name, ', ' ORDER BY name, privilege)
			FILTER (WHERE NOT has_table_privilege(quote_ident(name), privilege)), '')
		FROM (
			SELECT name, privilege FROM unnest(string_to_array($1, ',')) AS name, unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) AS privilege
			UNION ALL SELECT name, 'SELECT' FROM unnest(string_to_array($2, ',')) AS name
			UNION ALL SELECT name, 'INSERT' FROM unnest(string_to_array($3, ',')) AS name
		) AS needed
		WHERE to_regclass(quote_ident(name)) IS NOT NULL`,
		strings.Join(written, ","), strings.Join(restricted, ","), strings.Join(appended, ",")).Scan(&found, &missing)
	switch {
	case err != nil:
		return diagnosis.Finding{}, err
	case found == 0:
		return diagnosis.Skipped("there are no tables yet"), nil
	case missing != "":
		return diagnosis.Problem("the role lacks "+missing, action), nil
	}
	return diagnosis.OK("the role may read and write all tables"), nil
}

// checkMigrations checks whether the service can migrate the schema when it starts.
func (d *diagnosed) checkMigrations(ctx context.Context) (diagnosis.Finding, error) {
	if d.options.SkipMigrations {
		return diagnosis.Skipped("the service leaves migrations to postern migrate"), nil
	}
	db, err := openPlainly(d.options.migrationURL(d.url))
	if err != nil {
		return diagnosis.Problem("the URL for migrations: "+err.Error(), "correct the URL"), nil
	}
	defer func() { _ = db.Close() }()
	direct, err := isDirect(ctx, db)
	if err != nil {
		return diagnosis.Problem("the URL for migrations: "+safe(err).Error(), "check the URL and its role"), nil
	}
	if !direct {
		return diagnosis.Problem("migrations would go through a pooler, which they cannot",
			"set a URL for migrations that leads to the server directly"), nil
	}
	var foreign string
	var mayCreate bool
	err = db.QueryRowContext(ctx, `SELECT coalesce(has_schema_privilege(current_schema(), 'CREATE'), FALSE),
			coalesce(string_agg(c.relname, ', ' ORDER BY c.relname), '')
		FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
		WHERE n.nspname = current_schema() AND c.relname = ANY (string_to_array($1, ',')) AND NOT pg_has_role(c.relowner, 'USAGE')`,
		strings.Join(append(migrations.TableNames(), onlyRead...), ",")).Scan(&mayCreate, &foreign)
	switch {
	case err != nil:
		return diagnosis.Finding{}, err
	case !mayCreate:
		return cannotMigrate(ctx, db, "the role for migrations may create nothing in the schema")
	case foreign != "":
		return cannotMigrate(ctx, db, "the role for migrations does not own "+foreign)
	}
	return diagnosis.OK("the role may change the schema, over a direct connection"), nil
}

// cannotMigrate returns a problem, or a warning if there is nothing to migrate yet.
func cannotMigrate(ctx context.Context, db *sql.DB, message string) (diagnosis.Finding, error) {
	const action = "let the owner of the tables migrate, with a URL of its own for migrations or with postern migrate"
	version, err := checkOwnTables(ctx, db)
	if err == nil && version >= latestVersion {
		return diagnosis.Warning(message+", so the next version of this program will not start", action), nil
	}
	return diagnosis.Problem(message, action), nil
}
