package postgres

import (
	"fmt"
	"net"
	"strconv"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/stretchr/testify/require"

	"example.com/postern/adapters/postgres/pgtest"
)

// A password that is a part of ordinary words shows neither by being there nor by being cut out.
func TestMessagesAreTheSameWhateverTheSecrets(t *testing.T) {
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
			"postgres://" + secrets + "@" + host + "/on?sslmode=require": "the database cannot be connected to: it could not be agreed how to connect: " +
				"look at sslmode and the like in the URL, and at the server's log",
		} {
			require.EqualError(t, Migrate(t.Context(), url), "postgres: "+want, url)
		}
	}
}

func TestAServersWordsHoldNoValues(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]string{
		"22P02": "the database refused (SQLSTATE 22P02)", "28000": "the server refuses the user or the password (SQLSTATE 28000)",
		"23505": "a constraint refuses it: users_email_key (SQLSTATE 23505)", "42501": "words (SQLSTATE 42501)",
		"08P01": "the server does not understand, or does not allow, what is asked of it (SQLSTATE 08P01)", "": "the database refused (SQLSTATE )",
	} {
		err := plain(&pgconn.PgError{Code: code, Message: "words", Detail: "Key (email_key)=(ada@example.org)", ConstraintName: "users_email_key"})
		require.EqualError(t, err, want)
		require.Equal(t, code, sqlState(err))
	}
}

// An error passes through several places that give the hint.
func TestTheHintOfAPoolerIsGivenOnce(t *testing.T) {
	t.Parallel()
	o := Options{PoolerHint: "set it"}
	err := o.hinted(plain(&pgconn.PgError{Code: invalidStatementName, Message: "words"}))
	require.ErrorContains(t, err, ": set it")
	for _, again := range []error{err, plain(err), unavailable("wrapped"), fmt.Errorf("wrapped: %w", err)} {
		require.Equal(t, again, o.hinted(again))
	}
}
