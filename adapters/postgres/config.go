package postgres

import (
	"context"
	"errors"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// connectTimeout is how long each host may take to be connected to, unless the URL says otherwise (connect_timeout): short, so
// that one that is down does not keep us from the next.
const connectTimeout = 1500 * time.Millisecond

// patientConnectTimeout is the same for migrations and copies, which can wait.
const patientConnectTimeout = 15 * time.Second

// parse reads a URL. timeout is how long a host may take to be connected to, unless the URL says otherwise; pooled says that the URL
// may lead to a pooler. The errors of parse hold no part of the URL, because pgx's own may hold the password.
func parse(url string, timeout time.Duration, pooled bool) (*pgxpool.Config, error) {
	if err := checkURL(url); err != nil {
		return nil, err
	}
	config, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, errors.New("the URL is not one of PostgreSQL's: a part of it is malformed or unknown, or a file that it names " +
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
		c.ValidateConnect = pgconn.ValidateConnectTargetSessionAttrsReadWrite // any other host would refuse to be written to
	}
	if validate := c.ValidateConnect; validate != nil {
		c.ValidateConnect = func(ctx context.Context, conn *pgconn.PgConn) error {
			err := validate(ctx, conn)
			if _, notPreferred := err.(*pgconn.NotPreferredError); err == nil || notPreferred {
				return err // pgx takes a host that is not preferred if there is no other, and knows it by this type
			}
			return &failure{text: "the server may not be written to, or is not the kind that target_session_attrs asks for", cause: err}
		}
	}
	sendSettings(&c.Config, pooled)
	config.BeforeConnect = func(_ context.Context, c *pgx.ConnConfig) error {
		shuffleHosts(c)
		return nil
	}
	return config, nil
}

// checkURL refuses a URL in which a password that was not percent-encoded would be taken for part of another member, which
// error messages name.
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
		return errors.New("the URL has a character that must be percent-encoded: one of / ? # @ in the password, perhaps")
	}
	return nil
}

// poolConfig is how the store connects.
func (s *Store) poolConfig(url string) (*pgxpool.Config, error) {
	config, err := parse(url, connectTimeout, s.options.Pooler)
	if err != nil {
		return nil, err
	}
	c, o := config.ConnConfig, s.options
	// Never the simple protocol, which puts values into the text of statements.
	c.DefaultQueryExecMode, c.StatementCacheCapacity = pgx.QueryExecModeCacheStatement, 512
	if o.Pooler {
		c.DefaultQueryExecMode, c.DescriptionCacheCapacity = pgx.QueryExecModeCacheDescribe, 512
	} else {
		for name, value := range o.serverTimeouts() {
			sendSetting(&c.Config, name, value)
		}
		// LIMIT $n would else be planned anew for every page. It suits queries whose plan does not depend on their arguments.
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
	// Of connections in constant use none is tried out, which would cost as much again as a query; one that nobody has used for
	// a second is (pgx's default), because the server may have left it meanwhile.
	config.PingTimeout = time.Second
	return config, nil
}

// serverTimeouts are the settings that make the server give up, in milliseconds.
func (o Options) serverTimeouts() map[string]string {
	ms := func(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }
	return map[string]string{
		"statement_timeout": ms(o.StatementTimeout), "lock_timeout": ms(o.LockTimeout),
		"idle_in_transaction_session_timeout": ms(o.IdleInTransactionTimeout),
	}
}

// hosts returns the ways to connect, those to the same host together, in order: sslmode=prefer tries each host with TLS and
// then without.
func hosts(c *pgx.ConnConfig) (hosts [][]*pgconn.FallbackConfig) {
	all := append([]*pgconn.FallbackConfig{{Host: c.Host, Port: c.Port, TLSConfig: c.TLSConfig}}, c.Fallbacks...)
	for i, way := range all {
		if i > 0 && way.Host == all[i-1].Host && way.Port == all[i-1].Port {
			hosts[len(hosts)-1] = append(hosts[len(hosts)-1], way)
		} else {
			hosts = append(hosts, []*pgconn.FallbackConfig{way})
		}
	}
	return hosts
}

// shuffleHosts spreads connections over hosts of equal rank: pgx takes the first that will do.
func shuffleHosts(c *pgx.ConnConfig) {
	hosts := hosts(c)
	rand.Shuffle(len(hosts), func(i, j int) { hosts[i], hosts[j] = hosts[j], hosts[i] })
	var all []*pgconn.FallbackConfig
	for _, ways := range hosts {
		all = append(all, ways...)
	}
	c.Host, c.Port, c.TLSConfig, c.Fallbacks = all[0].Host, all[0].Port, all[0].TLSConfig, all[1:]
}
