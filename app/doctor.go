package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"example.com/postern/adapters/postgres"
	"example.com/postern/adapters/sqlite"
	"example.com/postern/domain/diagnosis"
)

type doctorCommand struct {
	config `embed:""`
	Format string `option:"" type:"choice" choices:"text|json" default:"text" placeholder:"text|json" group:"Options" help:"text: one line for each check. json: for scripts; docs/operations.md describes the form."`
}

// Help implements [kong.HelpProvider].
func (*doctorCommand) Help() string {
	return `Run it with the settings of the service, as the service's user, also while the service runs. It changes nothing,
migrates nothing, creates no file and waits at most a few seconds. Each check is ok, a warning, a problem or skipped,
and says what to do. docs/operations.md lists the checks.

The exit status is 0 without problems (warnings do not count), 1 with a problem, and 2 if a setting or the command line
cannot be used.`
}

// doctorReport is the JSON form of the report.
type doctorReport struct {
	Version  string              `json:"version"` // of this program
	Status   diagnosis.Status    `json:"status"`  // the worst of the findings: ok, warning or problem
	Findings []diagnosis.Finding `json:"findings"`
}

// Run makes all checks and prints their findings. It fails if there is a problem.
func (c *doctorCommand) Run(p *process) error {
	if err := c.load(p.getenv); err != nil {
		return err
	}
	findings, err := c.diagnose(p.ctx)
	if err != nil {
		return err
	}
	if p.ctx.Err() != nil {
		return errInterrupted
	}
	name, _ := build()
	report := doctorReport{Version: name, Status: worst(findings), Findings: findings}
	if err := report.print(p.stdout, c.Format); err != nil {
		return err
	}
	if report.Status == diagnosis.StatusProblem {
		return fmt.Errorf("problems found: %d", count(findings, diagnosis.StatusProblem))
	}
	return nil
}

// diagnose makes the checks of the program and those of the store.
func (c *config) diagnose(ctx context.Context) ([]diagnosis.Finding, error) {
	check := func(name string, run func(context.Context) diagnosis.Finding) []diagnosis.Finding {
		return diagnosis.Run(ctx, []diagnosis.Check{{Name: name, Run: run}})
	}
	var keys []diagnosis.Finding
	keysInside := !c.databaseURL.IsSet() && filepath.Dir(c.keysFile()) == c.DataDir
	if !keysInside {
		keys = check("keys", c.checkKeys) // enterDataFolder may put the file out of reach
	}
	if !c.databaseURL.IsSet() {
		if err := c.enterDataFolder(); err != nil {
			return nil, refuse("POSTERN_DATA_DIR", "(--data-dir) cannot be used: "+err.Error())
		}
	}
	folder, store := check("data-folder", c.checkDataFolder), c.diagnoseStore(ctx)
	if keysInside {
		keys = check("keys", c.checkKeys)
	}
	return slices.Concat(folder, store, keys, check("trusted-proxies", c.checkTrustedProxies), check("mail", c.checkMail)), nil
}

func (c *config) diagnoseStore(ctx context.Context) []diagnosis.Finding {
	if c.databaseURL.IsSet() {
		return postgres.Diagnose(ctx, c.databaseURL.Reveal(), c.postgresOptions(postgres.Options{}))
	}
	return sqlite.Diagnose(ctx, filepath.Join(c.DataDir, databaseName))
}

// enterDataFolder calls [enterFolder] for the data folder. It refuses a folder of root with files of another user. Only
// these files suggest which user runs the service, and a check must not act on a guess.
func (c *config) enterDataFolder() error {
	if info, err := os.Stat(c.DataDir); err == nil {
		if uid, _ := ids(info); uid == 0 {
			if err := refuseForeign(c.DataDir, databaseName); err != nil && !errors.Is(err, errSharedFolder) {
				return fmt.Errorf("%w: run the command as that user", err)
			} else if err != nil {
				return err
			}
		}
	}
	name := filepath.Base(c.keysFile())
	folder, err := enterFolder(c.DataDir, databaseName)
	if err == nil && folder != c.DataDir {
		c.DataDir, c.KeysFile = folder, filepath.Join(folder, name)
	}
	return err
}

// print writes the report as JSON, or as one line for each finding and one for all.
func (r doctorReport) print(w io.Writer, format string) error {
	if format == "json" {
		text, err := json.Marshal(r, jsontext.AllowInvalidUTF8(true)) // names in a database may be in another encoding
		_, printErr := fmt.Fprintf(w, "%s\n", text)
		return errors.Join(err, printErr)
	}
	var b strings.Builder
	for _, f := range r.Findings {
		line := f.Message
		if f.Action != "" {
			line += ". To do: " + f.Action
		}
		fmt.Fprintf(&b, "%-8s %-17s %s\n", f.Status, f.Check, oneLine(line))
	}
	fmt.Fprintf(&b, "\n%d checks.", len(r.Findings))
	for _, status := range []diagnosis.Status{diagnosis.StatusOK, diagnosis.StatusWarning, diagnosis.StatusProblem, diagnosis.StatusSkipped} {
		fmt.Fprintf(&b, " %s: %d.", status, count(r.Findings, status))
	}
	b.WriteString("\n")
	_, err := io.WriteString(w, b.String())
	return err
}

func count(findings []diagnosis.Finding, status diagnosis.Status) (n int) {
	for _, f := range findings {
		if f.Status == status {
			n++
		}
	}
	return n
}

// worst returns the status of a report.
func worst(findings []diagnosis.Finding) diagnosis.Status {
	for _, status := range []diagnosis.Status{diagnosis.StatusProblem, diagnosis.StatusWarning} {
		if count(findings, status) > 0 {
			return status
		}
	}
	return diagnosis.StatusOK
}
