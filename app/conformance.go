package main

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"time"

	"github.com/alecthomas/kong"

	"example.com/postern/conformance"
)

type conformanceCommand struct {
	Target   string         `type:"target" default:"http://127.0.0.1:8080" placeholder:"URL" option:"" group:"Server" help:"The server to check: http:// or https://, a host, and no path."`
	Timeout  time.Duration  `type:"period" default:"10s" min:"1s" max:"1m" placeholder:"DURATION" option:"" group:"Server" help:"How long to wait for an answer, 1s to 1m."`
	Email    string         `type:"name" placeholder:"ADDRESS" shown:"new accounts" option:"" group:"Account" help:"The account to write posts with."`
	Password string         `type:"text" placeholder:"TEXT" shown:"none" option:"" group:"Account" help:"The password of that account. Prefer POSTERN_CONFORMANCE_PASSWORD: flags show in the list of processes."`
	Pattern  *regexp.Regexp `name:"run" type:"pattern" placeholder:"PATTERN" shown:"all" option:"" group:"Cases" help:"Run only the cases whose name matches this regular expression."`
	List     bool           `option:"" shown:"no" group:"Cases" help:"Print the names of all cases, and check nothing."`
	JUnit    string         `name:"junit" type:"path" placeholder:"FILE" shown:"none" option:"" group:"Report" help:"Also write a report in the JUnit XML format."`
}

// Help implements [kong.HelpProvider].
func (*conformanceCommand) Help() string {
	return `The command calls every operation with requests that must succeed and requests that must fail, and checks
each answer against the contract in this binary. It takes less than two minutes, and works through any proxy.
The exit code is 0 if every case passed, 1 if the server breaks the contract, and 2 if no server answers.

It is safe on a live service. The accounts that it creates have addresses at example.com and are deleted at the
end. The posts that it creates are visible while it runs. The account of --email keeps its name, its password, its
other posts and its other sessions. Its password is the value of --password, the value of
POSTERN_CONFORMANCE_PASSWORD, or the first line of the input.`
}

// Run checks a server and prints the result of each case.
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
		return errInterrupted
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
	if len(report.Results) == 0 {
		return refuse("--run", "matches no case: see postern conformance --list")
	}
	_, err := fmt.Fprintf(p.stdout, "\n%s\n", report.Summary())
	if breaches := len(report.Breaches()); breaches > 0 {
		return fmt.Errorf("the server breaks the contract: %d of %d cases failed", breaches, len(report.Results))
	}
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

// createJUnit creates the file of the report, or returns nil if there is none. It is called before the cases run, so that a wrong
// path is reported at once.
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

// readPassword returns the password of the account in --email, or "" without one.
func (c *conformanceCommand) readPassword(p *process) (string, error) {
	secret, err := readSecret(p.getenv, "POSTERN_CONFORMANCE_PASSWORD")
	switch {
	case err != nil:
		return "", err
	case c.Email == "" && (c.Password != "" || secret.IsSet()):
		return "", refuse("--email", "is missing: there is a password without an account")
	case c.Email == "":
		return "", nil
	case c.Password != "":
		return c.Password, nil
	case secret.IsSet():
		return secret.Reveal(), nil
	}
	if p.stdin == nil || isTerminal(p.stdin) {
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
