package postgres

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Time limits for connecting to one host, unless the URL sets connect_timeout.
const (
	connectTimeout      = 1500 * time.Millisecond // short, so that a host that is down does not delay the next one
	adminConnectTimeout = 15 * time.Second        // for migrations and copies
)

// parse reads a URL. timeout is the default of connect_timeout. pooled must be set if the URL may lead to a pooler. The
// errors contain no part of the URL. Those of pgx may contain the password.
func parse(url string, timeout time.Duration, pooled bool) (*pgxpool.Config, error) {
	if err := checkURL(url); err != nil {
		return nil, err
	}
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, errors.New("the URL is not a valid PostgreSQL URL: a part of it is malformed or unknown, or it names a file that " +
			"cannot be read")
	}
	c := config.ConnConfig
	if c.ConnectTimeout == 0 {
		c.ConnectTimeout = timeout
	}
	if c.RuntimeParams["application_name"] == "" {
		c.RuntimeParams["application_name"] = "postern"
	}
	if len(hosts(c)) > 1 && c.ValidateConnect == nil {
		c.ValidateConnect = pgconn.ValidateConnectTargetSessionAttrsReadWrite // the others are standbys
	}
	if validate := c.ValidateConnect; validate != nil {
		c.ValidateConnect = func(ctx context.Context, conn *pgconn.PgConn) error {
			err := validate(ctx, conn)
			if _, notPreferred := err.(*pgconn.NotPreferredError); err == nil || notPreferred {
				return err // pgx expects this type: it uses such a host if there is no other
			}
			return &safeError{"the server is read-only, or is not the kind that target_session_attrs asks for", err}
		}
	}
	sendSettings(&c.Config, pooled)
	config.BeforeConnect = func(_ context.Context, c *pgx.ConnConfig) error {
		shuffleHosts(c)
		return nil
	}
	return config, nil
}

// checkURL refuses a URL whose password is not percent-encoded: a part of the password would be read as a host or a
// database.
func checkURL(url string) error {
	scheme, rest, _ := strings.Cut(url, "://")
	if scheme != "postgres" && scheme != "postgresql" {
		return errors.New("the URL must begin with postgres://")
	}
	authority, tail := rest, ""
	if i := strings.IndexAny(rest, "/?#"); i >= 0 {
		authority, tail = rest[:i], rest[i:]
	}
	if strings.Count(authority, "@") > 1 || strings.ContainsAny(tail, "@#") {
		return errors.New("the URL has a character that must be percent-encoded: the password may contain one of / ? # @")
	}
	return nil
}

// poolConfig returns the configuration of the store's connections.
func (s *Store) poolConfig(url string) (*pgxpool.Config, error) {
	config, err := parse(url, connectTimeout, s.options.Pooler)
	if err != nil {
		return nil, err
	}
	c, o := config.ConnConfig, s.options
	// The simple protocol is never used: it puts values into the text of statements.
	c.DefaultQueryExecMode, c.StatementCacheCapacity = pgx.QueryExecModeCacheStatement, 512
	if o.Pooler {
		c.DefaultQueryExecMode, c.DescriptionCacheCapacity = pgx.QueryExecModeCacheDescribe, 512
	} else {
		for name, value := range o.serverTimeouts() {
			sendSetting(&c.Config, name, value)
		}
		// Otherwise PostgreSQL plans a statement with LIMIT $n again for every page. So one plan of a statement must be good
		// for all arguments.
		sendSetting(&c.Config, "plan_cache_mode", "force_generic_plan")
	}
	config.AfterConnect = func(_ context.Context, conn *pgx.Conn) error {
		conn.PgConn().CustomData()[generationKey] = s.generation.Load()
		scanUTC(conn)
		return nil
	}
	config.MaxConns, config.MinConns, config.MinIdleConns = int32(o.MaxConns), 0, 0
	config.MaxConnLifetime, config.MaxConnLifetimeJitter = 30*time.Minute, 5*time.Minute
	config.MaxConnIdleTime, config.HealthCheckPeriod = 5*time.Minute, time.Minute
	// Before pgx uses a connection that was idle for a second, it pings it. A ping before every query would double the cost.
	config.PingTimeout = time.Second
	return config, nil
}

// scanUTC makes the connection return times in UTC instead of local time.
func scanUTC(conn *pgx.Conn) {
	conn.TypeMap().RegisterType(&pgtype.Type{
		Name: "timestamptz", OID: pgtype.TimestamptzOID, Codec: &pgtype.TimestamptzCodec{ScanLocation: time.UTC},
	})
}

// serverTimeouts returns the timeouts that the server enforces, in milliseconds.
func (o Options) serverTimeouts() map[string]string {
	ms := func(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }
	return map[string]string{
		"statement_timeout": ms(o.StatementTimeout), "lock_timeout": ms(o.LockTimeout),
		"idle_in_transaction_session_timeout": ms(o.IdleInTransactionTimeout),
	}
}

// hosts returns the configurations of each host, in order. With sslmode=prefer a host has two: with TLS and without.
func hosts(c *pgx.ConnConfig) (hosts [][]*pgconn.FallbackConfig) {
	all := append([]*pgconn.FallbackConfig{{Host: c.Host, Port: c.Port, TLSConfig: c.TLSConfig}}, c.Fallbacks...)
	for i, config := range all {
		if i > 0 && config.Host == all[i-1].Host && config.Port == all[i-1].Port {
			hosts[len(hosts)-1] = append(hosts[len(hosts)-1], config)
		} else {
			hosts = append(hosts, []*pgconn.FallbackConfig{config})
		}
	}
	return hosts
}

// shuffleHosts spreads connections over the hosts, because pgx uses the first host that accepts one.
func shuffleHosts(c *pgx.ConnConfig) {
	hosts := hosts(c)
	rand.Shuffle(len(hosts), func(i, j int) { hosts[i], hosts[j] = hosts[j], hosts[i] })
	all := slices.Concat(hosts...)
	c.Host, c.Port, c.TLSConfig, c.Fallbacks = all[0].Host, all[0].Port, all[0].TLSConfig, all[1:]
}
