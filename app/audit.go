package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"example.com/postern/domain"
)

type auditCommand struct {
	accountsConfig `embed:""`
	Limit          int    `option:"" type:"number" min:"1" max:"10000" default:"100" placeholder:"N" group:"Options" help:"How many actions are printed at most, 1 to 10000."`
	Format         string `option:"" type:"choice" choices:"text|json" default:"text" placeholder:"text|json" group:"Options" help:"text: one line for each action. json: for scripts; docs/operations.md describes the form."`
}

// Help implements [kong.HelpProvider].
func (*auditCommand) Help() string {
	return `Prints what operators did with postern users, postern posts, postern sessions and postern epoch, newest first: when, by the
store's clock; who, by the account of the operating system; the command; and the id of the user or the post. An import
has one line for each account. Actions are recorded together with what they do, and are kept for good.`
}

// Run prints the newest actions.
func (c *auditCommand) Run(p *process) error {
	return c.operate(p, func(ctx context.Context, operator domain.Operator) error {
		actions, err := operator.Actions(ctx, c.Limit)
		if err != nil {
			return err
		}
		if c.Format == "json" {
			return printActionsAsJSON(p.stdout, actions)
		}
		return printActions(p.stdout, actions)
	})
}

func printActions(w io.Writer, actions []domain.OperatorAction) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "AT\tBY\tACTION\tTARGET")
	for _, a := range actions {
		target := "all accounts"
		if kind := targetKind(a.Name); kind != "" {
			target = fmt.Sprintf("%s %d", kind, a.Target)
		}
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", a.At.Format(time.RFC3339), oneLine(a.By), a.Name, target)
	}
	return table.Flush()
}

// targetKind returns what an action acts on, or "" if it concerns all accounts.
func targetKind(name domain.OperatorActionName) string {
	switch {
	case strings.HasPrefix(string(name), "users "):
		return "user"
	case strings.HasPrefix(string(name), "posts "):
		return "post"
	}
	return ""
}

// actionLine is the JSON form of an action. It has at most one of UserID and PostID.
type actionLine struct {
	At     string                    `json:"at"`
	By     string                    `json:"by"`
	Action domain.OperatorActionName `json:"action"`
	UserID int64                     `json:"user_id,omitempty"`
	PostID int64                     `json:"post_id,omitempty"`
}

func printActionsAsJSON(w io.Writer, actions []domain.OperatorAction) error {
	report := struct {
		Actions []actionLine `json:"actions"`
	}{make([]actionLine, len(actions))}
	for i, a := range actions {
		line := actionLine{At: a.At.Format("2006-01-02T15:04:05.000000Z07:00"), By: a.By, Action: a.Name}
		switch targetKind(a.Name) {
		case "user":
			line.UserID = a.Target
		case "post":
			line.PostID = a.Target
		}
		report.Actions[i] = line
	}
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(report)
}
