package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"time"

	"example.com/postern/conformance"
)

type conformanceCommand struct {
	Target   string            `type:"target" default:"http://127.0.0.1:8080" placeholder:"URL" option:"" group:"Server" help:"The server to check: http:// or https://, a host, and no path."`
	Timeout  time.Duration     `type:"period" default:"10s" min:"1s" max:"1m" placeholder:"DURATION" option:"" group:"Server" help:"How long to wait for an answer, 1s to 1m."`
	Email    string            `type:"name" placeholder:"ADDRESS" shown:"new accounts" option:"" group:"Account" help:"The account to write posts with."`
	Password string            `type:"text" placeholder:"TEXT" shown:"none" option:"" group:"Account" help:"The password of that account. Prefer POSTERN_CONFORMANCE_PASSWORD: flags show in the list of processes."`
	Pattern  *regexp.Regexp    `name:"run" type:"pattern" placeholder:"PATTERN" shown:"all" option:"" group:"Cases" help:"Run only the cases whose name matches this regular expression."`
	List     bool              `option:"" shown:"no" group:"Cases" help:"Print the names of all cases, and check nothing."`
	Level    conformance.Level `type:"level" default:"behaviour" placeholder:"LEVEL" option:"" group:"Cases" help:"What to check: lesson, shape, behaviour or hardening. Each level includes the ones before it."`
	MaxWait  time.Duration     `type:"period" default:"2m" min:"0s" max:"1h" placeholder:"DURATION" option:"" group:"Server" help:"How long to wait in total for a server that answers 429, 0s to 1h."`
	Format   string            `type:"choice" choices:"text|junit|json" default:"text" placeholder:"FORMAT" option:"" group:"Report" help:"The format of the report: text, junit or json."`
	Output   string            `type:"path" placeholder:"FILE" shown:"the output" option:"" group:"Report" help:"The file for the report."`
}

// Help implements [kong.HelpProvider].
func (*conformanceCommand) Help() string {
	return `The command calls every operation with requests that must succeed and requests that must fail, and checks
each answer against the contract in this binary. It takes less than two minutes, apart from the time that it waits
when the server answers 429.

Levels:
  lesson     what the clients of the tutorial rely on: sign-up, login, bearer tokens and posts; redirects
             between /posts and /posts/ are followed
  shape      every answer is one that openapi.yaml declares; a mock that keeps no state passes
  behaviour  ownership, If-Match, repeated requests, paging and sessions; /docs and /openapi.json
  hardening  headers and refusals beyond the contract, such as 405 with Allow

The report lists each cause once, errors of behaviour first, with its place in openapi.yaml. It says which cases were
skipped and why.
The exit code is 0 if every case passed, 1 if the server breaks the contract or the run was interrupted, and 2 if
the command line is wrong or no server answers (any more).

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
	out, finish, err := c.createOutput(p)
	if err != nil {
		return err
	}
	report, err := conformance.Run(p.ctx, conformance.Options{
		Target: c.Target, Email: c.Email, Password: password, Timeout: c.Timeout, Pattern: c.Pattern, Level: c.Level, MaxWait: c.MaxWait,
		Waiting: func(d time.Duration) {
			_, _ = fmt.Fprintf(p.stderr, "waiting %v: the server answered 429\n", d)
		},
	})
	if report != nil && len(report.Results) > 0 {
		if written := errors.Join(c.write(out, report), finish()); written != nil {
			return errors.New("the report cannot be written: " + cause(written))
		}
	}
	return c.conclude(p, report, err)
}

func (c *conformanceCommand) write(w io.Writer, report *conformance.Report) error {
	switch c.Format {
	case "junit":
		return report.WriteJUnit(w)
	case "json":
		return report.WriteJSON(w)
	}
	return report.WriteText(w)
}

// conclude returns the error that decides the exit code.
func (c *conformanceCommand) conclude(p *process, report *conformance.Report, err error) error {
	switch {
	case errors.Is(err, conformance.ErrUnreachable):
		return refuse("--target", "leads to no server: "+err.Error())
	case err != nil && p.ctx.Err() != nil:
		return errInterrupted
	case errors.Is(err, conformance.ErrGone):
		return refuse("--target", "has gone: the server stopped answering during the run")
	case err != nil:
		return err
	case len(report.Results) == 0:
		return refuse("--run", "matches no case: see postern conformance --list")
	}
	if breaches := len(report.Breaches()); breaches > 0 {
		return fmt.Errorf("the server breaks the contract: %d of %d cases failed", breaches, len(report.Results))
	}
	return nil
}

func (*conformanceCommand) list(p *process) error {
	names, err := conformance.Cases()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(p.stdout, strings.Join(names, "\n"))
	return err
}

// createOutput creates the file of the report, or returns the output of the process. It is called before the cases run,
// so that a wrong path is reported at once.
func (c *conformanceCommand) createOutput(p *process) (io.Writer, func() error, error) {
	if c.Output == "" {
		return p.stdout, func() error { return nil }, nil
	}
	f, err := os.Create(c.Output)
	if err != nil {
		return nil, nil, refuse("--output", "names a file that cannot be written: "+cause(err))
	}
	return f, f.Close, nil
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

func parseTarget(text string) (string, error) {
	if _, err := conformance.ParseTarget(text); err != nil {
		return "", errors.New("must be http:// or https://, a host, and no path, such as https://api.example.com")
	}
	return text, nil
}

func parsePattern(text string) (*regexp.Regexp, error) {
	pattern, err := regexp.Compile(text)
	if err != nil {
		return nil, errors.New("must be a regular expression, such as ^CreatePost/ (https://pkg.go.dev/regexp/syntax)")
	}
	return pattern, nil
}
