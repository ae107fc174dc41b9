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

// alteredRole returns the URL of a role on a new server, whose sessions start with harmful settings.
func alteredRole(t *testing.T) (server, database string) {
	t.Helper()
	server = pgtest.NewServer(t).URL()
	require.NoError(t, Migrate(t.Context(), server))
	execIn(t, server, "ALTER ROLE postgres SET client_encoding = 'LATIN1'", "ALTER ROLE postgres SET TimeZone = 'Asia/Kolkata'",
		"ALTER ROLE postgres SET DateStyle = 'SQL, DMY'", "ALTER ROLE postgres SET default_transaction_isolation = 'serializable'",
		"ALTER ROLE postgres SET synchronous_commit = off", "ALTER ROLE postgres SET standard_conforming_strings = off")
	u, err := url.Parse(server)
	require.NoError(t, err)
	u.RawQuery += "&client_encoding=LATIN1&timezone=Asia/Kolkata&SYNCHRONOUS_COMMIT=off"
	return server, u.String()
}

func TestNoSettingIsInherited(t *testing.T) {
	t.Parallel()
	server, database := alteredRole(t)
	through := pgtest.Bouncer(t, server)
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
		require.Equal(t, 7, ask[int](t, server+"&client_encoding=UTF8", "SELECT octet_length(title) FROM posts WHERE id = $1", post.ID), "UTF-8")
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
	server := pgtest.NewServer(t).URL()
	require.NoError(t, Migrate(t.Context(), server))
	_, err := Open(t.Context(), pgtest.Bouncer(t, server)(server), Options{SkipMigrations: true, PoolerHint: "set it on"})
	require.ErrorContains(t, err, "there may be a pooler in transaction mode between the service and the database: set it on")
	require.Equal(t, 1, strings.Count(err.Error(), "set it on"))
}
