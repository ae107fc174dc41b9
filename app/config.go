package main

import (
	"cmp"
	"fmt"
	"net/netip"
	"path/filepath"
	"time"

	"example.com/postern/adapters/rest"
	"example.com/postern/adapters/token"
	"example.com/postern/domain"
)

// config holds the settings of the service. Each exported field is a flag and an environment variable of the same name.
// docs/configuration.md is generated from them.
type config struct {
	listenConfig `embed:""`
	dataConfig   `embed:""`

	SQLiteSynchronous string `name:"sqlite-synchronous" type:"choice" choices:"full|normal" default:"full" placeholder:"full|normal" group:"Data" help:"full: an acknowledged write survives a power cut. normal: it survives a crash of the process, but the last moments may be lost in a power cut."`

	databaseConfig `embed:""`

	TokenTTL      time.Duration `name:"token-ttl" type:"period" min:"1m" max:"60m" step:"1s" default:"30m" placeholder:"DURATION" group:"Access tokens" help:"How long an access token is valid, 1m to 60m."`
	TokenIssuer   string        `type:"name" default:"postern" placeholder:"NAME" group:"Access tokens" help:"The iss claim of access tokens. Other values are refused."`
	TokenAudience string        `type:"name" default:"postern" placeholder:"NAME" group:"Access tokens" help:"The aud claim of access tokens. Other values are refused."`

	sessionConfig  `embed:""`
	passwordConfig `embed:""`
	Guessing       guessingConfig `embed:""`
	mailConfig     `embed:""`

	HashWorkers int `type:"number" min:"1" max:"64" placeholder:"N" shown:"one less than cores" group:"Limits" help:"How many passwords are hashed at once, 1 to 64. Each takes 19 MiB."`
	HashQueue   int `type:"number" min:"2" max:"4096" placeholder:"N" shown:"32 for each worker" group:"Limits" help:"How many logins and sign-ups may wait for a hash worker, 2 to 4096. Beyond that the answer is 503."`

	SearchWorkers int `type:"number" min:"0" max:"1000" default:"2" placeholder:"N" group:"Limits" help:"How many searches run at once, up to 1000. Others wait up to 3 seconds, then the answer is 503. 0: no limit."`

	Exports       int           `type:"number" min:"1" max:"1000" default:"4" placeholder:"N" group:"Limits" help:"How many exports of accounts run at once, 1 to 1000. Beyond that the answer is 503. With PostgreSQL, each uses a connection in addition to POSTERN_DATABASE_MAX_CONNS."`
	ExportTimeout time.Duration `type:"period" min:"1s" max:"9m" default:"5m" placeholder:"DURATION" group:"Limits" help:"How long an export may take, 1s to 9m, before it is cut off. While it runs, the database keeps old versions of rows."`

	WritesBurst     int64 `type:"number" min:"0" max:"1000000" default:"240" placeholder:"N" group:"Limits" help:"How many writes (posts, edits, votes, names) an account may make at once. 0: no limit."`
	WritesPerMinute int64 `type:"number" min:"0" max:"1000000" default:"120" placeholder:"N" group:"Limits" help:"How many writes an account may make per minute on average, on each instance. 0: no limit."`

	WorkMemory int64 `type:"number" min:"0" max:"65536" default:"128" placeholder:"MIB" group:"Limits" help:"How many MiB the requests in flight may use, 32 to 65536. Beyond that the answer is 503. 0: no limit."`

	WorkRequests int `type:"number" min:"0" max:"65536" default:"256" placeholder:"N" group:"Limits" help:"How many requests are served at once, up to 65536. Beyond that the answer is 503. 0: no limit."`

	DrainDelay      time.Duration `type:"period" min:"0s" max:"30s" default:"0s" placeholder:"DURATION" group:"Limits" help:"How long /readyz answers 503 before the service stops accepting connections, up to 30s. Load balancers need it."`
	ShutdownTimeout time.Duration `type:"period" min:"1s" max:"34s" default:"30s" placeholder:"DURATION" group:"Limits" help:"How long a shutdown may take, 1s to 34s. Requests still in flight are then cut off."`

	LogFormat         string `type:"choice" choices:"auto|text|json" default:"auto" placeholder:"auto|text|json" group:"Log and debugging" help:"auto: text on a terminal, JSON otherwise."`
	LogLevel          string `type:"choice" choices:"debug|info|warn|error" default:"info" placeholder:"LEVEL" group:"Log and debugging" help:"The lowest level that is logged: debug, info, warn or error."`
	ValidateResponses string `type:"choice" choices:"on|off" default:"off" placeholder:"on|off" group:"Log and debugging" help:"on: check each answer against the contract, and answer 500 if it does not fit. For development."`

	MetricsAddr string `type:"address" placeholder:"HOST:PORT" shown:"off" group:"Log and debugging" help:"Where to serve GET /metrics for Prometheus. Only the monitoring system should be able to reach it."`

	DebugAddr string `type:"loopback" placeholder:"HOST:PORT" shown:"off" group:"Log and debugging" help:"Where to serve profiles and counters (pprof, expvar). Loopback addresses only."`
}

// The names of the files in the data folder.
const (
	databaseName = "postern.db" // the embedded store
	keysName     = "keys.json"
)

// listenConfig configures where the service listens.
type listenConfig struct {
	Addr        string   `type:"address" default:"127.0.0.1:8080" placeholder:"HOST:PORT" group:"Network" help:"Where to listen. Port 0 takes a free port, which is printed."`
	PublicURL   string   `name:"public-url" type:"publicurl" placeholder:"URL" shown:"none" group:"Network" help:"The address of the service for its clients, such as https://api.example.com. The URLs of problem types and the links in mails begin with it."`
	CORSOrigins []string `name:"cors-origins" type:"origins" placeholder:"ORIGIN,..." shown:"none" group:"Network" help:"The web pages that may call the API from a browser: exact origins such as https://app.example, separated by commas."`

	IdleTimeout time.Duration `type:"period" min:"1s" max:"1h" default:"620s" placeholder:"DURATION" group:"Network" help:"How long a connection may be idle, 1s to 1h. It must be longer than the load balancer's idle timeout."`

	TrustedProxies []netip.Prefix `type:"prefixes" placeholder:"CIDR,..." shown:"none" group:"Network" help:"The proxies whose X-Forwarded-For is trusted: addresses or networks such as 10.0.0.0/8, separated by commas."`
}

// dataConfig configures where the data and the keys are.
type dataConfig struct {
	DataDir  string `type:"path" default:"./data" placeholder:"FOLDER" group:"Data" help:"The folder of the database and the keys. It is created with mode 0700 if it does not exist."`
	KeysFile string `type:"path" placeholder:"FILE" shown:"keys.json in the data folder" group:"Data" help:"The keys that sign tokens, a JWK Set. With the embedded store it is created with mode 0600 if it does not exist."`

	jwtSecret, jwtSecretPrevious domain.Secret
}

// sessionConfig configures how long sessions live.
type sessionConfig struct {
	SessionIdle     time.Duration `type:"period" min:"1h" max:"8760h" default:"336h" placeholder:"DURATION" group:"Sessions" help:"How long a session lives without a refresh, 1h to 8760h. The default is 14 days."`
	SessionLifetime time.Duration `type:"period" min:"1h" max:"8760h" default:"2160h" placeholder:"DURATION" group:"Sessions" help:"How long a session lives at most, up to 8760h. The default is 90 days."`
}

// passwordConfig configures sign-ups and the rules for new passwords.
type passwordConfig struct {
	Signup      string `type:"choice" choices:"open|verified" default:"open" placeholder:"open|verified" group:"Passwords" help:"open: a sign-up creates an account, and a taken address is 409. verified: every sign-up is answered with 202, and the link in a mail creates the account."`
	PasswordMin int    `type:"number" min:"8" max:"64" default:"8" placeholder:"N" group:"Passwords" help:"The minimum length of a new password in characters, 8 to 64. NIST recommends 15."`
}

// guessingConfig has a setting for each field of [throttle.Limits]. No value switches a limit off.
type guessingConfig struct {
	FreeTries       int64         `name:"login-free-tries" type:"number" min:"1" max:"100" default:"5" placeholder:"N" group:"Guessing" help:"How many logins from one address to one account may fail before there is a wait, 1 to 100."`
	FirstWait       time.Duration `name:"login-first-wait" type:"period" min:"1s" max:"15m" default:"1s" placeholder:"DURATION" group:"Guessing" help:"The first wait, 1s to 15m. Each further wait is twice as long."`
	MaxWait         time.Duration `name:"login-max-wait" type:"period" min:"1s" max:"24h" default:"15m" placeholder:"DURATION" group:"Guessing" help:"The longest wait, 1s to 24h."`
	PerAddress      int64         `name:"login-tries-per-address" type:"number" min:"1" max:"1000000" default:"50" placeholder:"N" group:"Guessing" help:"How many logins from one address (IPv6: one /64) may fail per window, up to 1000000."`
	AddressWindow   time.Duration `name:"login-address-window" type:"period" min:"1m" max:"24h" default:"15m" placeholder:"DURATION" group:"Guessing" help:"The window for failed logins from one address, 1m to 24h."`
	PerAccount      int64         `name:"login-tries-per-account" type:"number" min:"1" max:"1000000" default:"100" placeholder:"N" group:"Guessing" help:"How many logins to one account may fail per window. Only addresses that are new to the account count."`
	AccountWindow   time.Duration `name:"login-account-window" type:"period" min:"1m" max:"24h" default:"1h" placeholder:"DURATION" group:"Guessing" help:"The window for failed logins to one account, 1m to 24h."`
	SignUps         int64         `name:"signups-per-address" type:"number" min:"1" max:"1000000" default:"300" placeholder:"N" group:"Guessing" help:"How many sign-ups one address (IPv6: one /64) may make per window, up to 1000000."`
	SignUpWindow    time.Duration `name:"signup-window" type:"period" min:"1m" max:"24h" default:"1h" placeholder:"DURATION" group:"Guessing" help:"The window for sign-ups, 1m to 24h."`
	MailsPerAccount int64         `name:"mails-per-account" type:"number" min:"1" max:"1000000" default:"5" placeholder:"N" group:"Guessing" help:"How many mails of one kind may be requested for one e-mail address per window, up to 1000000."`
	MailsPerClient  int64         `name:"mails-per-address" type:"number" min:"1" max:"1000000" default:"100" placeholder:"N" group:"Guessing" help:"How many mails one address (IPv6: one /64) may request per window, up to 1000000."`
	MailWindow      time.Duration `name:"mail-window" type:"period" min:"1m" max:"24h" default:"1h" placeholder:"DURATION" group:"Guessing" help:"The window for mails, 1m to 24h."`
}

// secretSettings are the settings that have a variable but no flag: flags show in the list of processes.
var secretSettings = []struct{ variable, help string }{
	{"POSTERN_JWT_SECRET", "At least 32 bytes from which all keys are derived, instead of a key file."},
	{"POSTERN_JWT_SECRET_PREVIOUS", "The secret that was replaced. Its tokens stay valid. Keep it for one session lifetime."},
	{"POSTERN_DATABASE_URL", "A postgres:// URL; empty for the embedded store. Wins over DATABASE_URL."},
	{"POSTERN_MIGRATION_URL", "The URL for migrations: a direct connection as the owner of the tables."},
	{"POSTERN_SMTP_URL", "smtp://USER:PASSWORD@HOST (STARTTLS) or smtps://; empty: mails go to files in the data folder."},
	{"POSTERN_COPY_FROM", "The source of postern copy: a file, or a postgres:// URL with its password."},
	{"POSTERN_COPY_TO", "The target of postern copy: a new file, or the URL of an empty database."},
	{"POSTERN_CONFORMANCE_PASSWORD", "The password of the account in postern conformance --email."},
}

// load reads the secrets and checks the settings that depend on each other.
func (c *config) load(getenv func(string) string) error {
	err := joinRefusals(c.loadKeys(getenv), c.loadDatabase(getenv), c.loadMail(getenv))
	// Several instances may share a PostgreSQL store. Keys that one of them generated would be unknown to the others.
	hasNoKeys := c.databaseURL.IsSet() && c.KeysFile == "" && !c.jwtSecret.IsSet()
	return joinRefusals(err,
		refuseIf(hasNoKeys, "POSTERN_JWT_SECRET", "or POSTERN_KEYS_FILE is needed with any store but the embedded one: "+
			`make a secret with "openssl rand -base64 48", or a key file with "postern keys create"`),
		refuseIf(c.SessionLifetime < c.SessionIdle, "POSTERN_SESSION_LIFETIME", "must not be shorter than POSTERN_SESSION_IDLE"),
		refuseIf(c.Guessing.MaxWait < c.Guessing.FirstWait, "POSTERN_LOGIN_MAX_WAIT", "must not be shorter than POSTERN_LOGIN_FIRST_WAIT"),
		refuseIf(c.DrainDelay >= c.ShutdownTimeout,
			"POSTERN_DRAIN_DELAY", "must be shorter than POSTERN_SHUTDOWN_TIMEOUT, which includes it"),
		refuseIf(c.WorkMemory > 0 && c.WorkMemory<<20 < rest.MinWorkMemory, "POSTERN_WORK_MEMORY",
			fmt.Sprintf("must be 0, or at least %d, which the largest page may need", rest.MinWorkMemory>>20)))
}

// loadKeys reads the secrets that may replace the key file.
func (c *dataConfig) loadKeys(getenv func(string) string) error {
	var err, previousErr error
	c.jwtSecret, err = readSecret(getenv, "POSTERN_JWT_SECRET")
	c.jwtSecretPrevious, previousErr = readSecret(getenv, "POSTERN_JWT_SECRET_PREVIOUS")
	if err := joinRefusals(err, previousErr); err != nil {
		return err
	}
	switch {
	case c.jwtSecret.IsSet() && c.KeysFile != "":
		return refuse("POSTERN_JWT_SECRET", "and POSTERN_KEYS_FILE (--keys-file) are both set: keep one")
	case c.jwtSecretPrevious.IsSet() && !c.jwtSecret.IsSet():
		return refuse("POSTERN_JWT_SECRET_PREVIOUS", "has no effect without POSTERN_JWT_SECRET")
	case c.jwtSecretPrevious.IsSet() && c.jwtSecretPrevious.Reveal() == c.jwtSecret.Reveal():
		return refuse("POSTERN_JWT_SECRET_PREVIOUS", "is the same as POSTERN_JWT_SECRET")
	}
	return joinRefusals(checkSecret("POSTERN_JWT_SECRET", c.jwtSecret), checkSecret("POSTERN_JWT_SECRET_PREVIOUS", c.jwtSecretPrevious))
}

func checkSecret(variable string, s domain.Secret) error {
	if !s.IsSet() {
		return nil
	}
	if err := token.CheckSecret([]byte(s.Reveal())); err != nil {
		return refuse(variable, "cannot be used: "+err.Error())
	}
	return nil
}

// keysFile returns the path of the key file, which is used unless there is a secret.
func (c *dataConfig) keysFile() string { return cmp.Or(c.KeysFile, filepath.Join(c.DataDir, keysName)) }
