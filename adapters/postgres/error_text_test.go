package postgres

import (
	"context"
	"net"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/stretchr/testify/require"

	"example.com/postern/adapters/postgres/pgtest"
)

// An error text is not built by removing secrets: a password that is part of an ordinary word does not change the text.
func TestMessagesDoNotDependOnSecrets(t *testing.T) {
	t.Parallel()
	there, err := pgx.ParseConfig(pgtest.Empty(t))
	require.NoError(t, err)
	host := net.JoinHostPort(there.Host, strconv.Itoa(int(there.Port)))
	for _, secrets := range []string{"on:er", "e:r", "database:refused", "server:the"} {
		for url, want := range map[string]string{
			"postgres://" + secrets + "@127.0.0.1:1/on":                  "the database cannot be connected to: connection refused",
			"postgres://" + secrets + "@127.0.0.1:1,127.0.0.1:2/er":      "the database cannot be connected to: connection refused",
			"postgres://" + secrets + "@no-such-host.invalid/on":         "the database cannot be connected to: the host's name cannot be looked up",
			"postgres://" + secrets + "@" + host + "/on?sslmode=disable": "the database cannot be connected to: the server refuses the user or the password (SQLSTATE 28P01)",
			"postgres://" + secrets + "@" + host + "/on?sslmode=require": "the database cannot be connected to: client and server do not agree on how to connect: " +
				"check sslmode and similar settings in the URL, and the server's log",
		} {
			require.EqualError(t, Migrate(t.Context(), url), "postgres: "+want, url)
		}
	}
}

func TestServerMessagesContainNoValues(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]string{
		"22P02": "the database rejected the statement (SQLSTATE 22P02)", "28000": "the server refuses the user or the password (SQLSTATE 28000)",
		"23505": "the statement violates the constraint users_email_key (SQLSTATE 23505)", "42501": "words (SQLSTATE 42501)",
		"08P01": "the server does not understand or allow the request (SQLSTATE 08P01)", "": "the database rejected the statement (SQLSTATE )",
	} {
		err := safe(&pgconn.PgError{Code: code, Message: "words", Detail: "Key (email_key)=(ada@example.org)", ConstraintName: "users_email_key"})
		require.EqualError(t, err, want)
		require.Equal(t, code, sqlState(err))
	}
}

func TestPoolerHint(t *testing.T) {
	t.Parallel()
	err := safe(&pgconn.PgError{Code: invalidStatementName, Message: "words"})
	require.ErrorContains(t, Options{PoolerHint: "set it"}.withPoolerHint(err), ": set it")
	for _, o := range []Options{{}, {PoolerHint: "set it", Pooler: true}} {
		require.Equal(t, err, o.withPoolerHint(err))
	}
	other := unavailable("another reason")
	require.Equal(t, other, Options{PoolerHint: "set it"}.withPoolerHint(other))
}

// The driver's error for a host that fails the check of target_session_attrs names the user, the database and the address.
func TestReadOnlyHostIsNotNamed(t *testing.T) {
	t.Parallel()
	there := pgtest.Empty(t)
	require.NoError(t, Migrate(t.Context(), there))
	require.NoError(t, useStore(t, there+"&target_session_attrs=prefer-standby"), "a primary is taken if there is no standby")
	c, err := pgx.ParseConfig(there)
	require.NoError(t, err)
	host := net.JoinHostPort(c.Host, strconv.Itoa(int(c.Port)))
	const text = "the server is read-only, or is not the kind that target_session_attrs asks for"
	for _, s := range []struct{ hosts, attrs, want string }{
		{host, "&target_session_attrs=standby", text},
		{host, "&target_session_attrs=read-write&default_transaction_read_only=on", text},
		{host + ",localhost:" + strconv.Itoa(int(c.Port)), "&default_transaction_read_only=on", text},
		{host + ",127.0.0.1:1", "&target_session_attrs=standby", "connection refused"},
	} {
		url := strings.Replace(there, host, s.hosts, 1) + s.attrs
		for name, open := range map[string]func() error{
			"migrate": func() error { return Migrate(t.Context(), url) },
			"open":    func() error { _, err := Open(t.Context(), url, Options{SkipMigrations: true}); return err },
			"serve":   func() error { return useStore(t, url) },
		} {
			err := open()
			require.ErrorContains(t, err, "the database cannot be connected to: ", name)
			require.ErrorContains(t, err, text, name)
			require.ErrorContains(t, err, s.want, name)
			for _, secret := range []string{c.User, c.Database, c.Host, "localhost"} {
				require.NotContains(t, strings.ReplaceAll(err.Error(), "postgres: ", ""), secret, name)
			}
		}
	}
}

// useStore reads from a store whose connections fail only after it was opened.
func useStore(t *testing.T, url string) error {
	t.Helper()
	s := &Store{options: Options{}.withDefaults()}
	config, err := s.poolConfig(url)
	require.NoError(t, err)
	s.pool, err = pgxpool.NewWithConfig(t.Context(), config)
	require.NoError(t, err)
	defer s.pool.Close()
	return s.readConn(t.Context(), func(context.Context, *pgx.Conn) error { return nil })
}

// The server's message for a refused connection names the role, the database or a setting.
func TestRefusedConnectionNamesNoUser(t *testing.T) {
	t.Parallel()
	server := pgtest.NewServer(t).URL()
	execIn(t, server, "CREATE DATABASE secdatabase", "CREATE DATABASE secclosed ALLOW_CONNECTIONS false", "CREATE ROLE secrole LOGIN PASSWORD 'p'",
		"CREATE ROLE secfull LOGIN PASSWORD 'p' CONNECTION LIMIT 0", "REVOKE CONNECT ON DATABASE secdatabase FROM PUBLIC")
	for code, parts := range map[string][3]string{
		"53300": {"secfull", "postgres", ""}, "42501": {"secrole", "secdatabase", ""},
		"55000": {"secrole", "secclosed", ""}, "42704": {"secrole", "postgres", "&secparam=secvalue"},
		"22023": {"secrole", "postgres", "&work_mem=secvalue"}, "55P02": {"secrole", "postgres", "&max_connections=secvalue"},
		"3D000": {"secrole", "secnone", ""}, "28P01": {"secnobody", "postgres", ""},
	} {
		u, err := url.Parse(server)
		require.NoError(t, err)
		u.User, u.Path, u.RawQuery = url.UserPassword(parts[0], "p"), "/"+parts[1], u.RawQuery+parts[2]
		err = Migrate(t.Context(), u.String())
		require.ErrorContains(t, err, "postgres: the database cannot be connected to: ", code)
		require.ErrorContains(t, err, "(SQLSTATE "+code+")")
		require.NotContains(t, err.Error(), "sec", code)
	}
}
