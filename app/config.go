package main

import (
	"fmt"
	"net/netip"
	"path/filepath"
	"time"

	"example.com/postern/adapters/rest"
	"example.com/postern/adapters/token"
	"example.com/postern/domain"
)

// config is every setting of the service. A field is a flag and an environment variable of the same name; the flag wins.
type config struct {
	listenConfig `embed:""`
	dataConfig   `embed:""`

	SQLiteSynchronous string `name:"sqlite-synchronous" type:"choice" choices:"full|normal" default:"full" placeholder:"full|normal" group:"Data" help:"full: an acknowledged write survives a power cut; normal: it may not, a crash it does."`

	databaseConfig `embed:""`

	TokenTTL      time.Duration `name:"token-ttl" type:"period" min:"1m" max:"60m" step:"1s" default:"30m" placeholder:"DURATION" group:"Access tokens" help:"How long an access token is good for, from 1m to 60m."`
	TokenIssuer   string        `type:"name" default:"postern" placeholder:"NAME" group:"Access tokens" help:"The iss claim that tokens carry and must carry."`
	TokenAudience string        `type:"name" default:"postern" placeholder:"NAME" group:"Access tokens" help:"The aud claim that tokens carry and must carry."`

	sessionConfig  `embed:""`
	passwordConfig `embed:""`
	guessingConfig `embed:""`

	HashWorkers int `type:"number" min:"1" max:"64" placeholder:"N" shown:"one less than cores" group:"Limits" help:"How many passwords are hashed at once, 1 to 64, at 19 MiB each."`
	HashQueue   int `type:"number" min:"2" max:"4096" placeholder:"N" shown:"64 for each worker" group:"Limits" help:"How many may wait for that, 2 to 4096, before 503 is the answer."`

	SearchWorkers int `type:"number" min:"0" max:"1000" default:"2" placeholder:"N" group:"Limits" help:"How many searches run at once, up to 1000; others wait 3 seconds, then 503. 0: no limit."`

	WritesBurst     int `type:"number" min:"0" max:"1000000" default:"240" placeholder:"N" group:"Limits" help:"How much an account may write at once: posts, edits, votes, names. 0: no limit."`
	WritesPerMinute int `type:"number" min:"0" max:"1000000" default:"120" placeholder:"N" group:"Limits" help:"How much it may write a minute in the long run, on each instance. 0: no limit."`

	WorkMemory int `type:"number" min:"0" max:"65536" default:"128" placeholder:"MIB" group:"Limits" help:"How many MiB requests in flight may hold, 32 to 65536; then 503. 0: no limit."`

	DrainDelay      time.Duration `type:"period" min:"0s" max:"30s" default:"0s" placeholder:"DURATION" group:"Limits" help:"How long a stop first says 503 at /readyz, so that load balancers see it, up to 30s."`
	ShutdownTimeout time.Duration `type:"period" min:"1s" max:"34s" default:"30s" placeholder:"DURATION" group:"Limits" help:"How long a stop may take, from 1s to 34s; then requests in flight are cut off."`

	LogFormat         string `type:"choice" choices:"auto|text|json" default:"auto" placeholder:"auto|text|json" group:"Log and debugging" help:"auto: text on a terminal, JSON otherwise."`
	LogLevel          string `type:"choice" choices:"debug|info|warn|error" default:"info" placeholder:"LEVEL" group:"Log and debugging" help:"The least that is logged: debug, info, warn or error."`
	ValidateResponses string `type:"choice" choices:"on|off" default:"off" placeholder:"on|off" group:"Log and debugging" help:"on, for development: an answer that breaks the contract becomes a 500."`

	DebugAddr string `type:"loopback" placeholder:"HOST:PORT" shown:"off" group:"Log and debugging" help:"Serve profiles and counters (pprof, expvar) here, on a loopback address only."`
}

// listenConfig is where the service is reached.
type listenConfig struct {
	Addr        string   `type:"address" default:"127.0.0.1:8080" placeholder:"HOST:PORT" group:"Network" help:"Where to listen. Port 0 takes a free one, which is printed."`
	CORSOrigins []string `name:"cors-origins" type:"origins" placeholder:"ORIGIN,..." shown:"none" group:"Network" help:"The web pages that may call from a browser, such as https://app.example."`

	IdleTimeout time.Duration `type:"period" min:"1s" max:"1h" default:"620s" placeholder:"DURATION" group:"Network" help:"How long a connection may idle, from 1s to 1h: longer than your load balancer keeps it."`

	TrustedProxies []netip.Prefix `type:"prefixes" placeholder:"CIDR,..." shown:"none" group:"Network" help:"The proxies whose X-Forwarded-For is believed, such as 10.0.0.0/8 or one address."`
}

// dataConfig is where the data and the keys are.
type dataConfig struct {
	DataDir  string `type:"path" default:"./data" placeholder:"FOLDER" group:"Data" help:"Where the database and the keys are kept; made if it is not there."`
	KeysFile string `type:"path" placeholder:"FILE" shown:"keys.json in the data folder" group:"Data" help:"The keys that sign tokens, a JWK Set; made if it is not there."`

	jwtSecret, jwtSecretPrevious domain.Secret
}

// secretSettings are the settings that are variables only: a flag would show in the list of processes.
var secretSettings = []struct{ variable, help string }{
	{"POSTERN_JWT_SECRET", "Derive all keys from this, at least 32 bytes, instead of the key file."},
	{"POSTERN_JWT_SECRET_PREVIOUS", "The secret before that, kept for as long as a session may live: what it signed stays good."},
	{"POSTERN_COPY_FROM", "Where postern copy reads: a file or a postgres:// URL, with its password."},
	{"POSTERN_COPY_TO", "Where postern copy writes: a new file or the URL of an empty database."},
	{"POSTERN_DATABASE_URL", "A postgres:// URL; empty for the embedded store. Wins over DATABASE_URL."},
	{"POSTERN_CONFORMANCE_PASSWORD", "The password of the account that postern conformance --email works with."},
	{"POSTERN_MIGRATION_URL", "Where migrations are made, by a role that may: a direct connection."},
}

// load reads what no flag holds and checks what no setting can be checked for alone.
func (c *config) load(getenv func(string) string) error {
	return together(c.loadKeys(getenv), c.loadDatabase(getenv), c.checkKeySource(), c.checkSessions(), c.checkWaits(), c.checkStop(), c.checkWorkMemory())
}

func (c *config) timeouts() timeouts {
	return timeouts{idle: c.IdleTimeout, drainDelay: c.DrainDelay, shutdown: c.ShutdownTimeout}
}

func (c *config) checkStop() error {
	if c.DrainDelay >= c.ShutdownTimeout {
		return refuse("POSTERN_DRAIN_DELAY", "must be shorter than POSTERN_SHUTDOWN_TIMEOUT, which it is a part of")
	}
	return nil
}

func (c *config) checkWorkMemory() error {
	if c.WorkMemory > 0 && int64(c.WorkMemory)<<20 < rest.MinWorkMemory {
		return refuse("POSTERN_WORK_MEMORY", fmt.Sprintf("must be 0, or at least %d, which the largest page may need", rest.MinWorkMemory>>20))
	}
	return nil
}

// checkKeySource refuses keys made by chance: several instances may share such a store, and each would make keys that the
// others do not know.
func (c *config) checkKeySource() error {
	if !c.databaseURL.IsSet() || c.KeysFile != "" || c.jwtSecret.IsSet() {
		return nil
	}
	return refuse("POSTERN_JWT_SECRET", "or POSTERN_KEYS_FILE is needed with any store but the embedded one: make a secret with "+
		`"openssl rand -base64 48", or a key file with "postern keys create"`)
}

// loadKeys makes the paths absolute and reads the secrets that keys may come from instead of the file.
func (c *dataConfig) loadKeys(getenv func(string) string) error {
	var err, previousErr error
	if c.DataDir, err = filepath.Abs(c.DataDir); err != nil {
		return refuse("POSTERN_DATA_DIR", "is relative to a folder that is gone")
	}
	if c.KeysFile != "" && !filepath.IsAbs(c.KeysFile) {
		c.KeysFile, _ = filepath.Abs(c.KeysFile) // as above: can no longer fail
	}
	c.jwtSecret, err = readSecret(getenv, "POSTERN_JWT_SECRET")
	c.jwtSecretPrevious, previousErr = readSecret(getenv, "POSTERN_JWT_SECRET_PREVIOUS")
	if err := together(err, previousErr); err != nil {
		return err
	}
	switch {
	case c.jwtSecret.IsSet() && c.KeysFile != "":
		return refuse("POSTERN_JWT_SECRET", "and POSTERN_KEYS_FILE (--keys-file) are both set: keep one")
	case c.jwtSecretPrevious.IsSet() && !c.jwtSecret.IsSet():
		return refuse("POSTERN_JWT_SECRET_PREVIOUS", "is of no use without POSTERN_JWT_SECRET")
	case c.jwtSecretPrevious.IsSet() && c.jwtSecretPrevious.Reveal() == c.jwtSecret.Reveal():
		return refuse("POSTERN_JWT_SECRET_PREVIOUS", "is the same as POSTERN_JWT_SECRET")
	}
	return together(checkSecret("POSTERN_JWT_SECRET", c.jwtSecret), checkSecret("POSTERN_JWT_SECRET_PREVIOUS", c.jwtSecretPrevious))
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

// keysFile returns the path of the key file, which counts unless there is a secret.
func (c *dataConfig) keysFile() string {
	if c.KeysFile != "" {
		return c.KeysFile
	}
	return filepath.Join(c.DataDir, keysName)
}
