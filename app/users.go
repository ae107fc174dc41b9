package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
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

// operate calls work with an operator who sets neither a password nor an address. A service may be using the store at the same time.
func (c *accountsConfig) operate(p *process, work func(context.Context, domain.Operator) error) error {
	return c.operateWith(p, operatorRules{minPassword: domain.MinPassword}, work)
}

// operateWith is operate for an operator who sets passwords or addresses.
func (c *accountsConfig) operateWith(p *process, rules operatorRules, work func(context.Context, domain.Operator) error) error {
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
		return work(p.ctx, domain.NewAccountOperator(store, hasher, systemClock{}, rules.minPassword, events, rules.notices, by))
	})
}

// withStore opens the store, calls work, and closes the store. It does not create a store.
func (c *accountsConfig) withStore(p *process, work func(store) error) (err error) {
	if err := c.loadDatabase(p.getenv); err != nil {
		return err
	}
	folder, err := absolutePath("POSTERN_DATA_DIR", c.DataDir)
	if err != nil {
		return err
	}
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

type usersSetPasswordCommand struct {
	accountsConfig `embed:""`
	passwordConfig `embed:""`
	noticeConfig   `embed:""`
	Email          string `arg:"" name:"email" help:"The account's e-mail address."`
}

// Help implements [kong.HelpProvider].
func (*usersSetPasswordCommand) Help() string {
	return `On a terminal, the command asks for the new password. Otherwise the password is the first line of the input. It must
meet the rules for new passwords. A mail tells the owner, unless POSTERN_MAIL_NOTICES is off. All sessions of the account end within a second on all instances.`
}

// Run replaces the password of an account and ends its sessions.
func (c *usersSetPasswordCommand) Run(p *process) error {
	return c.operateWith(p, operatorRules{c.PasswordMin, c.MailNotices == "on"}, func(ctx context.Context, operator domain.Operator) error {
		password, err := readPassword(ctx, p.stdin, p.stderr)
		if err != nil {
			return err
		}
		if err := operator.SetPassword(ctx, c.Email, domain.NewPassword(password)); err != nil {
			return withFields(err)
		}
		_, err = fmt.Fprintln(p.stdout, "The password is replaced, and all sessions of the account have ended.")
		return err
	})
}

type usersEndSessionsCommand struct {
	accountsConfig `embed:""`
	Email          string `arg:"" name:"email" help:"The account's e-mail address."`
}

// Help implements [kong.HelpProvider].
func (*usersEndSessionsCommand) Help() string {
	return "All sessions of the account end within a second on all instances."
}

// Run ends all sessions of an account.
func (c *usersEndSessionsCommand) Run(p *process) error {
	return c.operate(p, func(ctx context.Context, operator domain.Operator) error {
		ended, err := operator.EndSessions(ctx, c.Email)
		if err != nil {
			return withFields(err)
		}
		_, err = fmt.Fprintf(p.stdout, "Sessions ended: %d.\n", ended)
		return err
	})
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
