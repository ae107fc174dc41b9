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
	"example.com/postern/adapters/sqlite"
	"example.com/postern/domain"
)

// accountsConfig leads to the store whose accounts are looked after.
type accountsConfig struct {
	DataDir string `type:"path" default:"./data" placeholder:"FOLDER" group:"Data" help:"Where the embedded store is kept."`

	databaseConfig `embed:""`
}

var errNoStore = errors.New("there is no store in POSTERN_DATA_DIR (--data-dir) yet: the first start of the service makes it")

// operate does the work on the store, which may be serving. Work that was interrupted fails.
func (c *accountsConfig) operate(p *process, minPassword int, work func(context.Context, domain.Operator) error) error {
	hasher, err := password.New(password.Options{Workers: 1})
	if err != nil {
		return err
	}
	return c.withStore(p, func(store store) error {
		return work(p.ctx, domain.NewAccountOperator(store, hasher, systemClock{}, minPassword, securityLog{newLogger(p.stderr, "auto", "info")}))
	})
}

// withStore opens the store that is there, works with it, and closes it.
func (c *accountsConfig) withStore(p *process, work func(store) error) (err error) {
	if err := c.loadDatabase(p.getenv); err != nil {
		return err
	}
	folder, err := filepath.Abs(c.DataDir)
	if err != nil {
		return refuse("POSTERN_DATA_DIR", "is relative to a folder that is gone")
	}
	if !c.databaseURL.IsSet() {
		if folder, err = enterFolder(folder, databaseName); err != nil {
			return refuse("POSTERN_DATA_DIR", "(--data-dir) cannot be used: "+err.Error())
		}
		// A folder that was misspelt must not become an empty store.
		if _, err := os.Stat(filepath.Join(folder, databaseName)); errors.Is(err, fs.ErrNotExist) {
			return errNoStore
		}
	}
	store, err := c.openStore(p.ctx, folder, sqlite.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	err = work(store)
	if err != nil && p.ctx.Err() != nil {
		return errInterruptedWork
	}
	return err
}

var errInterruptedWork = errors.New("interrupted")

type usersSetPasswordCommand struct {
	accountsConfig `embed:""`
	passwordConfig `embed:""`
	Email          string `arg:"" name:"email" help:"The account's e-mail address."`
}

// Help implements [kong.HelpProvider].
func (*usersSetPasswordCommand) Help() string {
	return `The new password is asked for on a terminal, and otherwise the first line of the input. It is held to
the rules of a sign-up. All sessions of the account end: at once in the store, within a second on every
instance that serves it.`
}

// Run replaces the password of an account.
func (c *usersSetPasswordCommand) Run(p *process) error {
	return c.operate(p, c.PasswordMin, func(ctx context.Context, operator domain.Operator) error {
		password, err := readPassword(ctx, p.stdin, p.stderr)
		if err != nil {
			return err
		}
		if err := operator.SetPassword(ctx, c.Email, domain.NewPassword(password)); err != nil {
			return plainly(err)
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
	return "All sessions of the account end: at once in the store, within a second on every instance that serves it."
}

// Run ends all sessions of an account.
func (c *usersEndSessionsCommand) Run(p *process) error {
	return c.operate(p, domain.MinPassword, func(ctx context.Context, operator domain.Operator) error {
		ended, err := operator.EndSessions(ctx, c.Email)
		if err != nil {
			return plainly(err)
		}
		_, err = fmt.Fprintf(p.stdout, "Sessions that were ended: %d.\n", ended)
		return err
	})
}

// plainly returns err with what is wrong with each field in its text.
func plainly(err error) error {
	invalid := (*domain.Error)(nil)
	if !errors.As(err, &invalid) || len(invalid.Fields) == 0 {
		return err
	}
	var wrong []string
	for _, f := range invalid.Fields {
		wrong = append(wrong, f.Field+" "+f.Message)
	}
	return &explained{strings.Join(wrong, "; "), err}
}
