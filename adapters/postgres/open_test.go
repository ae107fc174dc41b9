package postgres

import (
	"context"
	"fmt"
	"io/fs"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"example.com/postern/adapters/postgres/pgtest"
	"example.com/postern/domain"
	"example.com/postern/domain/search"
	"example.com/postern/sql/migrations"
)

// execIn runs statements in a database on a connection of its own.
func execIn(t testing.TB, url string, statements ...string) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	defer func() { require.NoError(t, conn.Close(context.Background())) }()
	for _, statement := range statements {
		_, err := conn.Exec(t.Context(), statement)
		require.NoError(t, err, statement)
	}
}

// ask returns the single value that a query returns.
func ask[T any](t *testing.T, url, query string, args ...any) (value T) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	require.NoError(t, err)
	defer func() { require.NoError(t, conn.Close(context.Background())) }()
	require.NoError(t, conn.QueryRow(t.Context(), query, args...).Scan(&value), query)
	return value
}

const countMigrations = "SELECT count(*) FROM goose_db_version"

func TestMigrationsAtOnce(t *testing.T) {
	t.Parallel()
	const starters = 10
	for name, start := range map[string]func(url string) error{
		"Migrate": func(url string) error { return Migrate(t.Context(), url) },
		"Open": func(url string) error {
			s, err := Open(t.Context(), url, Options{MaxConns: 1})
			if err != nil {
				return err
			}
			_, err = s.Posts().Visible(t.Context(), domain.Viewer{}, 1)
			if err = orNotFound(err, domain.ErrPostNotFound); err != domain.ErrPostNotFound {
				return fmt.Errorf("read after opening: %w", err)
			}
			return s.Close()
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url, results := pgtest.Empty(t), make(chan error, starters)
			for range starters {
				go func() { results <- start(url) }()
			}
			for range starters {
				require.NoError(t, <-results)
			}
			files, err := fs.Glob(migrations.Postgres(), "*.sql")
			require.NoError(t, err)
			require.EqualValues(t, len(files)+1, ask[int64](t, url, countMigrations), "each migration was made once, after version 0")
		})
	}
}

func TestOpenRefusesOtherDatabases(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ make, want string }{
		"table named like ours": {"CREATE TABLE users (id int)", "tables of our names"},
		"view named like ours":  {"CREATE VIEW posts AS SELECT 1", "tables of our names"},
		"another's migrations": {"CREATE TABLE goose_db_version (id int, version_id bigint, is_applied bool); " +
			"INSERT INTO goose_db_version VALUES (1, 1000000, true)", "a table goose_db_version that this program did not make"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := pgtest.Empty(t)
			execIn(t, url, c.make)
			tables := ask[int](t, url, "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace")
			for range 2 {
				require.ErrorContains(t, Migrate(t.Context(), url), c.want)
				_, err := Open(t.Context(), url, Options{})
				require.ErrorContains(t, err, c.want)
			}
			require.Equal(t, tables, ask[int](t, url, "SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace"),
				"it is refused, not changed")
		})
	}
}

func TestOpenRefusesUnusableDatabases(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ make, want string }{
		"lost column":  {"ALTER TABLE users DROP COLUMN name CASCADE", "read the tables"},
		"older schema": {"DELETE FROM goose_db_version WHERE version_id > 1", "the schema has version 1, this program needs"},
		"no schema":    {"DROP TABLE goose_db_version", "the schema has version 0"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := pgtest.Migrated(t, Migrate)
			execIn(t, url, c.make)
			_, err := Open(t.Context(), url, Options{SkipMigrations: true})
			require.ErrorContains(t, err, c.want)
		})
	}
}

func TestOtherTablesAreLeftAlone(t *testing.T) {
	t.Parallel()
	url := pgtest.Empty(t)
	execIn(t, url, "CREATE TABLE invoices (id int)", "CREATE SCHEMA other", "CREATE TABLE other.users (id int)")
	s, err := Open(t.Context(), url, Options{})
	require.NoError(t, err)
	require.NoError(t, s.Close())
}

func TestAnotherEncodingIsRefused(t *testing.T) {
	t.Parallel()
	_, err := Open(t.Context(), latin1(t), Options{})
	require.ErrorContains(t, err, "server_encoding is LATIN1 and must be UTF8")
}

// latin1 returns the URL of a new database with another encoding.
func latin1(t *testing.T) string {
	t.Helper()
	empty := pgtest.Empty(t)
	name := ask[string](t, empty, "SELECT current_database()")
	execIn(t, empty, "CREATE DATABASE "+name+"_latin ENCODING LATIN1 LOCALE 'C' TEMPLATE template0")
	t.Cleanup(func() {
		conn, err := pgx.Connect(context.Background(), empty)
		require.NoError(t, err)
		_, err = conn.Exec(context.Background(), "DROP DATABASE "+name+"_latin WITH (FORCE)")
		require.NoError(t, err)
		require.NoError(t, conn.Close(context.Background()))
	})
	return strings.Replace(empty, name, name+"_latin", 1)
}

// During a rolling upgrade, older programs run, and start, on the newer schema.
func TestANewerSchemaIsServed(t *testing.T) {
	t.Parallel()
	url := pgtest.Migrated(t, Migrate)
	s := openStore(t, url, Options{})
	execIn(t, url, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (9999, true)",
		"ALTER TABLE users ADD COLUMN motto text",
		"CREATE OR REPLACE VIEW shown_posts AS "+strings.Replace(ask[string](t, url, "SELECT pg_get_viewdef('shown_posts')"), "\n   FROM", ", TRUE AS more FROM", 1))
	for _, o := range []Options{{}, {SkipMigrations: true}} {
		newer, err := Open(t.Context(), url, o)
		require.NoError(t, err)
		require.NoError(t, newer.Ping(t.Context()))
		require.NoError(t, newer.Close())
	}
	require.NoError(t, s.Ping(t.Context()))
	user, err := insertUser(t.Context(), s, "ada@example.org")
	require.NoError(t, err)
	_, err = s.Posts().Insert(t.Context(), domain.NewPost{OwnerID: user.ID, Title: "title", Content: "c", Published: true, PublishedAt: new(time.Now())})
	require.NoError(t, err)
	for _, query := range []search.Query{nil, search.Parse("title")} {
		for _, viewer := range []domain.UserID{0, user.ID} {
			page, err := s.Posts().Published(t.Context(), domain.PostRange{
				Before: domain.PostPosition{PublishedAt: time.Now().Add(time.Hour), ID: domain.MaxID}, Search: query,
				Viewer: domain.Viewer{UserID: viewer}, Limit: 1,
			})
			require.NoError(t, err)
			require.Len(t, page, 1)
		}
	}
	_, err = s.Posts().OwnedBy(t.Context(), domain.OwnPostRange{Owner: user.ID, From: domain.MaxID, Limit: 1})
	require.NoError(t, err)
	require.NoError(t, Migrate(t.Context(), url))
}

// The instances of release 0.2.0 read every column of the view. With one more, all their lists would fail during a rolling
// upgrade.
func TestTheViewKeepsItsColumns(t *testing.T) {
	t.Parallel()
	url := pgtest.Migrated(t, Migrate)
	require.Equal(t, []string{
		"id", "owner_id", "title", "content", "published", "version", "created_at", "updated_at", "published_at", "owner_name", "votes",
	}, list(t, url, "SELECT column_name FROM information_schema.columns WHERE table_name = 'shown_posts' ORDER BY ordinal_position"))
}

func TestPing(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		make, undo []string
		want       string
	}{
		"older schema": {
			[]string{"UPDATE goose_db_version SET version_id = -version_id WHERE version_id > 1"},
			[]string{"UPDATE goose_db_version SET version_id = -version_id WHERE version_id < 0"}, "the schema has version 1",
		},
		"no schema": {
			[]string{"ALTER TABLE goose_db_version RENAME TO elsewhere"},
			[]string{"ALTER TABLE elsewhere RENAME TO goose_db_version"}, "the schema has version 0",
		},
		"read only": {
			[]string{inDatabase("SET default_transaction_read_only = on")},
			[]string{"SET default_transaction_read_only = off", inDatabase("RESET default_transaction_read_only")}, "is read-only",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url := pgtest.Migrated(t, Migrate)
			s := openStore(t, url, Options{})
			require.NoError(t, s.Ping(t.Context()))
			execIn(t, url, c.make...)
			s.pool.Reset() // a setting of the database applies to new sessions
			s.watchPool.Reset()
			err := s.Ping(t.Context())
			require.ErrorIs(t, err, domain.ErrStoreUnavailable)
			require.ErrorContains(t, err, c.want)
			execIn(t, url, c.undo...)
			require.NoError(t, s.Ping(t.Context()))
		})
	}
}

// inDatabase returns a statement that alters the current database.
func inDatabase(change string) string {
	return "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I " + change + "', current_database()); END $$"
}

// The service can run with a role that has only the rights it needs.
func TestTheRoleOfTheServiceNeedsNoRightsToTheSchema(t *testing.T) {
	t.Parallel()
	server := pgtest.NewServer(t)
	execIn(t, server.URL(), "CREATE ROLE migrator LOGIN PASSWORD 'm'", "CREATE ROLE service LOGIN PASSWORD 's'",
		"CREATE DATABASE postern OWNER migrator")
	as := func(user, password string) string {
		u, err := url.Parse(server.URL())
		require.NoError(t, err)
		u.User, u.Path = url.UserPassword(user, password), "/postern"
		return u.String()
	}
	execIn(t, as("migrator", "m"), "ALTER DEFAULT PRIVILEGES GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO service")
	_, err := Open(t.Context(), as("service", "s"), Options{})
	require.ErrorContains(t, err, "permission denied for schema public")

	s, err := Open(t.Context(), as("service", "s"), Options{MigrationURL: as("migrator", "m")})
	require.NoError(t, err)
	domainStoreWorks(t, s)
	require.NoError(t, s.Close())
	s, err = Open(t.Context(), as("service", "s"), Options{SkipMigrations: true})
	require.NoError(t, err)
	require.NoError(t, s.Close())
	s, err = Open(t.Context(), as("service", "s"), Options{})
	require.NoError(t, err, "nothing is left to be done")
	require.NoError(t, s.Close())
}

func domainStoreWorks(t *testing.T, s *Store) {
	t.Helper()
	require.NoError(t, s.Ping(t.Context()))
	user, err := insertUser(t.Context(), s, "ada@example.org")
	require.NoError(t, err)
	require.NoError(t, s.InTx(t.Context(), func(tx domain.Repositories) error {
		post, err := tx.Posts().Insert(t.Context(), domain.NewPost{OwnerID: user.ID, Title: "t", Content: "c", CreatedAt: moment})
		if err != nil {
			return err
		}
		return tx.Posts().Delete(t.Context(), post.ID, user.ID, post.Version)
	}))
}

func TestOptionsAreChecked(t *testing.T) {
	t.Parallel()
	url := pgtest.Migrated(t, Migrate)
	_, err := Open(t.Context(), url, Options{Pooler: true})
	require.ErrorContains(t, err, "migrations cannot go through a pooler")
}

func TestOpenWaitsNoLongerThanItsContext(t *testing.T) {
	t.Parallel()
	url := pgtest.Empty(t)
	execIn(t, url, "CREATE TABLE goose_lock (lock_id bigint PRIMARY KEY, locked bool, locked_at timestamptz, locked_by text, "+
		"lease_expires_at timestamptz, updated_at timestamptz)",
		"INSERT INTO goose_lock VALUES (4097083626, true, now(), 'another', now() + interval '1 hour', now())")
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	_, err := Open(ctx, url, Options{})
	require.ErrorIs(t, err, context.DeadlineExceeded)
	execIn(t, url, "UPDATE goose_lock SET lease_expires_at = now()") // the process that held it has died
	require.NoError(t, Migrate(t.Context(), url))
}
