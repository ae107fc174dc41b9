package main

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"time"

	"github.com/alecthomas/kong"
	"golang.org/x/term"

	"example.com/postern/conformance"
)

type conformanceCommand struct {
	Target   string         `type:"target" default:"http://127.0.0.1:8080" placeholder:"URL" option:"" group:"Server" help:"The server to check: http:// or https://, a host, and no path."`
	Timeout  time.Duration  `type:"period" default:"10s" min:"1s" max:"1m" placeholder:"TIME" option:"" group:"Server" help:"How long it may take for one answer."`
	Email    string         `type:"name" placeholder:"ADDRESS" shown:"an account of its own" option:"" group:"Account" help:"The account to write posts with."`
	Password string         `type:"text" placeholder:"TEXT" shown:"none" option:"" group:"Account" help:"Its password; it shows in the list of processes: prefer POSTERN_CONFORMANCE_PASSWORD."`
	Pattern  *regexp.Regexp `name:"run" type:"pattern" placeholder:"PATTERN" shown:"all" option:"" group:"Cases" help:"Only cases whose name this regular expression matches."`
	List     bool           `option:"" shown:"no" group:"Cases" help:"Show the names of all cases, and do no more."`
	JUnit    string         `name:"junit" type:"path" placeholder:"FILE" shown:"none" option:"" group:"Report" help:"Write the report as JUnit XML, too."`
}

// Help implements [kong.HelpProvider].
func (*conformanceCommand) Help() string {
	return `Every operation is tried with what it must grant and what it must refuse, and each answer is held
against the contract of this binary. It takes less than two minutes, and works through any proxy. Exits 0
if all is well, 1 if the server breaks the contract, 2 if nothing answers.

Safe on a live service: accounts are signed up at example.com and deleted at the end. Of an account
that is given, the name, the password, the other posts and the other sessions stay as they are. Posts
that are published can be seen while it runs. Without --password and the variable, the password of
--email is the first line of the input.`
}

// Run checks a server and reports each case as it is done.
func (c *conformanceCommand) Run(p *process) (err error) {
	if c.List {
		return c.list(p)
	}
	password, err := c.readPassword(p)
	if err != nil {
		return err
	}
	junit, err := c.createJUnit()
	if err != nil {
		return err
	}
	if junit != nil {
		defer func() { err = errors.Join(err, junit.Close()) }()
	}
	report, err := conformance.Run(p.ctx, conformance.Options{
		Target: c.Target, Email: c.Email, Password: password, Timeout: c.Timeout, Pattern: c.Pattern,
		Done: func(r conformance.Result) { _, _ = fmt.Fprintln(p.stdout, r) },
	})
	if errors.Is(err, conformance.ErrUnreachable) {
		return refuse("--target", "leads to no server: nothing answers there")
	} else if err != nil && p.ctx.Err() != nil {
		return errInterruptedWork
	} else if err != nil {
		return err
	}
	if junit != nil {
		if err := report.WriteJUnit(junit); err != nil {
			return errors.New("the file of --junit cannot be written: " + cause(err))
		}
	}
	return c.conclude(p, report)
}

func (c *conformanceCommand) conclude(p *process, report *conformance.Report) error {
	switch breaches := len(report.Breaches()); {
	case len(report.Results) == 0:
		return refuse("--run", "matches no case: see postern conformance --list")
	case breaches > 0:
		_, _ = fmt.Fprintf(p.stdout, "\n%s\n", report.Summary())
		return fmt.Errorf("the server breaks the contract: %d of %d cases failed", breaches, len(report.Results))
	}
	_, err := fmt.Fprintf(p.stdout, "\n%s\n", report.Summary())
	return err
}

func (*conformanceCommand) list(p *process) error {
	names, err := conformance.Cases()
	if err != nil {
		return err
	}
	for _, name := range names {
		if _, err := fmt.Fprintln(p.stdout, name); err != nil {
			return err
		}
	}
	return nil
}

// createJUnit makes the file before anything is checked: a path that cannot be written to is found at once.
func (c *conformanceCommand) createJUnit() (*os.File, error) {
	if c.JUnit == "" {
		return nil, nil
	}
	f, err := os.Create(c.JUnit)
	if err != nil {
		return nil, refuse("--junit", "names a file that cannot be written: "+cause(err))
	}
	return f, nil
}

// readPassword returns the password of the account that is given; empty if none is.
func (c *conformanceCommand) readPassword(p *process) (string, error) {
	secret, err := readSecret(p.getenv, "POSTERN_CONFORMANCE_PASSWORD")
	switch {
	case err != nil:
		return "", err
	case c.Email == "" && (c.Password != "" || secret.IsSet()):
		return "", refuse("--email", "is missing: a password is given, and no account that it belongs to")
	case c.Email == "":
		return "", nil
	case c.Password != "":
		return c.Password, nil
	case secret.IsSet():
		return secret.Reveal(), nil
	}
	if file, isFile := p.stdin.(*os.File); p.stdin == nil || isFile && term.IsTerminal(int(file.Fd())) {
		return "", refuse("POSTERN_CONFORMANCE_PASSWORD", "is needed with --email")
	}
	return untilDone(p.ctx, func() (string, error) { return readLine(p.stdin) })
}

func parseTarget(text string, _ *kong.Tag) (string, error) {
	if _, err := conformance.ParseTarget(text); err != nil {
		return "", errors.New("must be http:// or https://, a host, and no path, such as https://api.example.com")
	}
	return text, nil
}

func parsePattern(text string, _ *kong.Tag) (*regexp.Regexp, error) {
	pattern, err := regexp.Compile(text)
	if err != nil {
		return nil, errors.New("must be a regular expression, such as ^CreatePost/ (https://pkg.go.dev/regexp/syntax)")
	}
	return pattern, nil
}
