package postgres

import (
	"net/url"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"example.com/postern/adapters/postgres/pgtest"
	"example.com/postern/domain"
)

// alteredRole returns the URL of a migrated database, and the URL whose sessions also start with harmful settings. The role has
// such settings too, in this database.
func alteredRole(t *testing.T) (plain, database string) {
	t.Helper()
	plain = pgtest.Migrated(t, Migrate)
	role := "ALTER ROLE CURRENT_USER IN DATABASE " + pgx.Identifier{ask[string](t, plain, "SELECT current_database()")}.Sanitize()
	execIn(t, plain, role+" SET client_encoding = 'LATIN1'", role+" SET TimeZone = 'Asia/Kolkata'",
		role+" SET DateStyle = 'SQL, DMY'", role+" SET default_transaction_isolation = 'serializable'",
		role+" SET synchronous_commit = off", role+" SET standard_conforming_strings = off")
	u, err := url.Parse(plain)
	require.NoError(t, err)
	u.RawQuery += "&client_encoding=LATIN1&timezone=Asia/Kolkata&SYNCHRONOUS_COMMIT=off"
	return plain, u.String()
}

func TestNoSettingIsInherited(t *testing.T) {
	t.Parallel()
	plain, database := alteredRole(t)
	through := pgtest.Bouncer(t, plain)
	pooled, _, _ := strings.Cut(database, "&SYNCHRONOUS_COMMIT") // PgBouncer would refuse it
	for name, s := range map[string]*Store{
		"direct": openStore(t, database, Options{}), "pooled": openStore(t, through(pooled), Options{Pooler: true}),
	} {
		user, err := insertUser(t.Context(), s, domain.Email(name+"@example.org"))
		require.NoError(t, err)
		post, err := s.Posts().Insert(t.Context(), domain.NewPost{OwnerID: user.ID, Title: "é 😀", Content: "c\\", CreatedAt: moment})
		require.NoError(t, err)
		found, err := s.Posts().Visible(t.Context(), domain.Viewer{UserID: post.OwnerID}, post.ID)
		require.NoError(t, err)
		require.Equal(t, "é 😀", found.Title)
		require.Equal(t, moment, found.CreatedAt)
		require.Equal(t, 7, ask[int](t, plain+"&client_encoding=UTF8", "SELECT octet_length(title) FROM posts WHERE id = $1", post.ID), "UTF-8")
		_, err = s.tryTransaction(t.Context(), pgx.ReadCommitted, func(tx *tx) error {
			var commit, level string
			err := tx.conn.QueryRow(t.Context(), "SELECT current_setting('synchronous_commit'), current_setting('transaction_isolation')").
				Scan(&commit, &level)
			require.Equal(t, "on read committed", commit+" "+level, name)
			return err
		})
		require.NoError(t, err)
	}
	snapshot, err := OpenSnapshot(t.Context(), database)
	require.NoError(t, err)
	require.NoError(t, snapshot.Close())
}

func TestConnectionWithWrongSettingsFails(t *testing.T) {
	t.Parallel()
	conn, err := pgx.Connect(t.Context(), pgtest.Empty(t)+"&client_encoding=UTF8&timezone=UTC")
	require.NoError(t, err)
	for _, s := range settings {
		want := map[string]string{s.name: s.value}
		require.NoError(t, func() error { _, err := conn.Exec(t.Context(), "SET "+s.name+" = '"+s.value+"'"); return err }())
		require.NoError(t, checkSettings(t.Context(), conn.PgConn(), want))
		other := map[string]string{"client_encoding": "LATIN1", "TimeZone": "Asia/Kolkata", "DateStyle": "SQL, DMY",
			"standard_conforming_strings": "off", "default_transaction_isolation": "serializable", "synchronous_commit": "local"}[s.name]
		_, err := conn.Exec(t.Context(), "SET "+s.name+" = '"+other+"'")
		require.NoError(t, err)
		require.EqualError(t, checkSettings(t.Context(), conn.PgConn(), want), "the server's "+s.name+" is "+other+" and must be "+s.value)
	}
	require.NoError(t, conn.Close(t.Context()))
}

func TestUnconfiguredPoolerGetsAHint(t *testing.T) {
	t.Parallel()
	database := pgtest.Migrated(t, Migrate)
	_, err := Open(t.Context(), pgtest.Bouncer(t, database)(database), Options{SkipMigrations: true, PoolerHint: "set it on"})
	require.ErrorContains(t, err, "there may be a pooler in transaction mode between the service and the database: set it on")
	require.Equal(t, 1, strings.Count(err.Error(), "set it on"))
}
