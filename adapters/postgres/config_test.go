package postgres

import (
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/stretchr/testify/require"
)

func TestHostsAreShuffledAndKeepTheirTLS(t *testing.T) {
	t.Parallel()
	config, err := parse("postgres://u@h1,h2,h3:7/db?sslmode=prefer", connectTimeout, false)
	require.NoError(t, err)
	first := map[string]int{}
	for range 300 {
		c := config.ConnConfig.Copy()
		require.NoError(t, config.BeforeConnect(t.Context(), c))
		hosts := hosts(c)
		require.Len(t, hosts, 3)
		for _, ways := range hosts {
			require.Len(t, ways, 2)
			require.Equal(t, ways[0].Host, ways[0].TLSConfig.ServerName, "with TLS first, to the host itself")
			require.Nil(t, ways[1].TLSConfig)
			require.EqualValues(t, map[string]int{"h1": 5432, "h2": 5432, "h3": 7}[ways[0].Host], ways[1].Port)
		}
		first[c.Host]++
	}
	for _, host := range []string{"h1", "h2", "h3"} {
		require.Greater(t, first[host], 50, host)
	}
}

func TestOneOfSeveralHostsMustBeWritable(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]bool{
		"postgres://u@h1,h2/db": true, "postgres://u@h1,h2/db?target_session_attrs=any": true, "postgres://u@h1:1,h1:2/db": true,
		"postgres://u@h1/db": false, "postgres://u@h1/db?target_session_attrs=primary": true,
	} {
		config, err := parse(url, connectTimeout, false)
		require.NoError(t, err)
		require.Equal(t, want, config.ConnConfig.ValidateConnect != nil, url)
	}
}

func TestAURLCannotWeakenTheStore(t *testing.T) {
	t.Parallel()
	const url = "postgres://u@h/db?default_query_exec_mode=simple_protocol&statement_cache_capacity=0&pool_max_conns=99&statement_timeout=0"
	for _, o := range []Options{{}, {Pooler: true}} {
		s := &Store{options: o.withDefaults()}
		config, err := s.poolConfig(url)
		require.NoError(t, err)
		want := pgx.QueryExecModeCacheStatement
		if o.Pooler {
			want = pgx.QueryExecModeCacheDescribe
		}
		require.Equal(t, want, config.ConnConfig.DefaultQueryExecMode)
		require.EqualValues(t, s.options.MaxConns, config.MaxConns)
		require.Equal(t, connectTimeout, config.ConnConfig.ConnectTimeout)
		if !o.Pooler {
			require.Equal(t, "5000", config.ConnConfig.RuntimeParams["statement_timeout"])
			require.Positive(t, config.ConnConfig.StatementCacheCapacity)
		}
	}
}
