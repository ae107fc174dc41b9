package main

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	osuser "os/user"
	"path/filepath"
	"strconv"
	"strings"

	"example.com/postern/adapters/password"
	"example.com/postern/adapters/postgres"
	"example.com/postern/adapters/sqlite"
	"example.com/postern/domain"
)

// accountsConfig configures the store of a command that acts on accounts, posts or sessions.
type accountsConfig struct {
	DataDir string `type:"path" default:"./data" placeholder:"FOLDER" group:"Data" help:"The folder of the embedded store."`

	databaseConfig `embed:""`
}

var errNoStore = errors.New("there is no store in POSTERN_DATA_DIR (--data-dir): the first start of the service creates it")

// operatorRules are the settings that matter only for a new password or a new address.
type operatorRules struct {
	minPassword int
	notices     bool
}

// operatorWork is the work of a command. If it succeeds, the command prints the returned text.
type operatorWork func(context.Context, domain.Operator) (string, error)

// operate calls work that sets neither a password nor an address. A service may be using the store at the same time.
func (c *accountsConfig) operate(p *process, work operatorWork) error {
	return c.operateWith(p, operatorRules{minPassword: domain.MinPassword}, work)
}

// operateWith is operate for work that sets passwords or addresses.
func (c *accountsConfig) operateWith(p *process, rules operatorRules, work operatorWork) error {
	by := operatorName()
	hasher, err := newHasher(password.Options{Workers: 1})
	if err != nil {
		return err
	}
	return c.withStore(p, func(store store) error {
		if err := store.Ping(p.ctx); err != nil {
			return err
		}
		events := securityLog{newLogger(p.stderr, "auto", "info")}
		operator := domain.NewAccountOperator(store, hasher, systemClock{}, rules.minPassword, events, rules.notices, by)
		text, err := work(p.ctx, operator)
		if err != nil {
			return withFields(err)
		}
		_, err = io.WriteString(p.stdout, text)
		return err
	})
}

// withStore opens the store, calls work, and closes the store. It does not create a store.
func (c *accountsConfig) withStore(p *process, work func(store) error) (err error) {
	if err := c.loadDatabase(p.getenv); err != nil {
		return err
	}
	folder := c.DataDir
	if !c.databaseURL.IsSet() {
		if folder, err = enterFolder(folder, databaseName); err != nil {
			return refuse("POSTERN_DATA_DIR", "(--data-dir) cannot be used: "+err.Error())
		}
		// A misspelt folder must not become an empty store.
		if _, err := os.Stat(filepath.Join(folder, databaseName)); errors.Is(err, fs.ErrNotExist) {
			return errNoStore
		}
	}
	store, err := c.openStore(p.ctx, folder, sqlite.Options{}, postgres.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	err = work(store)
	if err != nil && p.ctx.Err() != nil {
		return errInterrupted
	}
	return err
}

// withFields returns an error that describes each invalid field. It returns other errors unchanged.
func withFields(err error) error {
	invalid, ok := errors.AsType[*domain.Error](err)
	if !ok || len(invalid.Fields) == 0 {
		return err
	}
	var wrong []string
	for _, f := range invalid.Fields {
		wrong = append(wrong, f.Field+" "+f.Message)
	}
	return errors.New(strings.Join(wrong, "; "))
}

// operatorName returns the name of this process's account on the operating system. No environment variable changes it.
// Commands must call it before they become the owner of a data folder.
func operatorName() string {
	uid := strconv.Itoa(os.Getuid())
	_ = os.Unsetenv("USER") // without cgo, os/user believes it if /etc/passwd lacks the account
	if account, err := osuser.LookupId(uid); err == nil {
		return strings.ToValidUTF8(account.Username, "?")
	}
	return "uid " + uid // as in a container without /etc/passwd
}
