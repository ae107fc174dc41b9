package postgres

import (
	"net"
	"strconv"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"

	"example.com/postern/adapters/postgres/pgtest"
)

// TestErrorsContainNoPassword uses URLs that fail in different ways. If a password is not percent-encoded, its parts are read as
// other parts of the URL, and must not appear either.
func TestErrorsContainNoPassword(t *testing.T) {
	t.Parallel()
	empty := pgtest.Empty(t)
	there, err := pgx.ParseConfig(empty)
	require.NoError(t, err)
	host := net.JoinHostPort(there.Host, strconv.Itoa(int(there.Port)))
	const secret, part = "hunter2-and-more", "hunter"
	for _, url := range []string{
		"", "hunter2", "hunter2-and-more@/db", "mysql://u:" + secret + "@h/db", "host=h password=" + secret,
		"postgres://u:" + secret + "@h:port/db",
		"postgres://u:" + secret + "@h:1/db?sslmode=bad",
		"postgres://u:" + secret + "@h:1/db?sslmode=verify-full&sslrootcert=/nowhere/" + part,
		"postgres://u:" + secret + "@h:1/db?target_session_attrs=bad",
		"postgres://u:" + secret + "@h:1/db?pool_max_conns=bad",
		"postgres://u:" + secret + "@h1:1,h2:2,h3:3:4/db",
		"postgres://u:" + secret + "@[::1/db",
		"postgres://u:" + secret + "%zz@h/db",
		"postgres://u:" + part + "@2-and-more@" + host + "/db",
		"postgres://u:" + part + "/2-and-more@" + host + "/db",
		"postgres://u:1/" + part + "@" + host + "/db",
		"postgres://u:1?" + part + "@" + host + "/db",
		"postgres://u:1?" + part + "=1@" + host + "/db",
		"postgres://u:1#" + part + "@" + host + "/db",
		"postgres://u:" + part + "#2@" + host + "/db",
		"postgres://" + host + "/db?user=u&password=" + secret + "@home",
		"postgres://u:" + secret + "@127.0.0.1:1/db?connect_timeout=1",
		"postgres://u:" + secret + "@127.0.0.1:1,127.0.0.1:2/db",
		"postgres://u:" + secret + "@" + host + "/db?sslmode=disable",
		"postgres://u:" + secret + "@" + host + "/db?sslmode=require",
		"postgres://u:" + secret + "@" + host + "/db?sslmode=disable&" + "no_such_setting=1",
		"postgres://" + host + "/db?sslmode=disable&user=u&password=" + secret,
		"postgres://u:" + secret + "\x00@h/db",
	} {
		for name, open := range map[string]func() (*Store, error){
			"migrations":     func() (*Store, error) { return nil, Migrate(t.Context(), url) },
			"open":           func() (*Store, error) { return Open(t.Context(), url, Options{}) },
			"open alone":     func() (*Store, error) { return Open(t.Context(), url, Options{SkipMigrations: true}) },
			"open elsewhere": func() (*Store, error) { return Open(t.Context(), empty, Options{MigrationURL: url + "%"}) },
		} {
			_, err := open()
			require.Error(t, err, "%s: %s", name, url)
			require.NotContains(t, err.Error(), part, "%s: %s", name, url)
		}
	}
}
