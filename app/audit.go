package main

import (
	"context"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/go-json-experiment/json"

	"example.com/postern/domain"
)

type auditCommand struct {
	accountsConfig `embed:""`
	Limit          int    `option:"" type:"number" min:"1" max:"10000" default:"100" placeholder:"N" group:"Options" help:"How many actions are printed at most, 1 to 10000."`
	Format         string `option:"" type:"choice" choices:"text|json" default:"text" placeholder:"text|json" group:"Options" help:"text: one line for each action. json: for scripts; docs/operations.md describes the form."`
}

// Help implements [kong.HelpProvider].
func (*auditCommand) Help() string {
	return `The command prints what operators did with postern users, postern posts, postern sessions and postern epoch, newest
first. Each line has the time, by the store's clock; the operator's account on the operating system; the command; and the
id of the user or the post. An import has one line for each account. An action and its record are one transaction, and
records are never deleted.`
}

// Run prints the newest actions.
func (c *auditCommand) Run(p *process) error {
	return c.operate(p, func(ctx context.Context, operator domain.Operator) (string, error) {
		actions, err := operator.Actions(ctx, c.Limit)
		if err != nil {
			return "", err
		}
		if c.Format == "json" {
			return actionsAsJSON(actions)
		}
		return actionsAsText(actions), nil
	})
}

func actionsAsText(actions []domain.OperatorAction) string {
	var text strings.Builder
	table := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "AT\tBY\tACTION\tTARGET")
	for _, a := range actions {
		target := "all accounts"
		if kind := a.Name.TargetKind(); kind != "" {
			target = fmt.Sprintf("%s %d", kind, a.Target)
		}
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", a.At.Format(time.RFC3339), oneLine(a.By), a.Name, target)
	}
	_ = table.Flush()
	return text.String()
}

// actionLine is the JSON form of an action. It has at most one of UserID and PostID.
type actionLine struct {
	At     string                    `json:"at"`
	By     string                    `json:"by"`
	Action domain.OperatorActionName `json:"action"`
	UserID int64                     `json:"user_id,omitzero"`
	PostID int64                     `json:"post_id,omitzero"`
}

func actionsAsJSON(actions []domain.OperatorAction) (string, error) {
	lines := make([]actionLine, len(actions))
	for i, a := range actions {
		lines[i] = actionLine{At: a.At.Format("2006-01-02T15:04:05.000000Z07:00"), By: a.By, Action: a.Name}
		switch a.Name.TargetKind() {
		case "user":
			lines[i].UserID = a.Target
		case "post":
			lines[i].PostID = a.Target
		}
	}
	text, err := json.Marshal(map[string][]actionLine{"actions": lines})
	return string(text) + "\n", err
}
