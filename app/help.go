package main

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kong"
)

const (
	helpHead = `Postern serves an API to sign up, log in, and write and read posts.
All it needs is a folder for its data; every setting has a default.

`
	helpUsage    = "Usage: postern [command] [flags]\n"
	helpSettings = "\nEach flag has a variable, which the flag wins over; an empty variable counts as unset.\n"
	helpSecrets  = "\nSecrets, which have no flags. NAME_FILE gives the path of a file that holds one instead:\n"
	helpExamples = `
Examples:
  postern                                     run on http://127.0.0.1:8080, with the data in ./data
  postern --addr=:9000 --data-dir=/srv/data   listen on all interfaces, keep the data elsewhere
  POSTERN_LOG_FORMAT=json postern serve       the same settings work as variables
  DATABASE_URL=postgres://... POSTERN_KEYS_FILE=keys.json postern       serve on PostgreSQL
  postern keys rotate                         sign with a new key; nobody is logged out
  postern users end-sessions ada@example.com  log somebody out everywhere
  postern conformance --target=http://127.0.0.1:8080     check a server against the contract
  postern backup monday.db                    copy the embedded store while it serves
  postern restore monday.db                   put it back, while the service is stopped
  POSTERN_COPY_TO=postgres://... postern copy --from=./data     move to PostgreSQL
`
)

var errHelpShown = errors.New("help was shown")

// helpFlag shows the help instead of running the command.
type helpFlag bool

// IgnoreDefault keeps kong from choosing the default command.
func (helpFlag) IgnoreDefault() {}

// BeforeReset runs before anything is read from variables, so help is there when they are wrong.
func (helpFlag) BeforeReset(command *kong.Context) error {
	text := programHelp(command.Model.Node)
	if selected := command.Selected(); selected != nil {
		text = commandHelp(selected)
	}
	if _, err := io.WriteString(command.Stdout, text); err != nil {
		return err
	}
	return errHelpShown
}

func isHelp(flag *kong.Flag) bool { return flag.Name == "help" }

func asksForHelp(args []string) bool {
	for _, arg := range args {
		if arg == "--help" || arg == "-h" {
			return true
		}
	}
	return false
}

func programHelp(program *kong.Node) string {
	var b strings.Builder
	b.WriteString(helpHead + helpUsage + "\nCommands:\n")
	for _, command := range program.Leaves(true) {
		fmt.Fprintf(&b, "  %-18s %s\n", command.Path(), command.Help)
	}
	b.WriteString(helpSettings)
	writeSettings(&b, program.DefaultCmd.Flags)
	writeSecrets(&b)
	b.WriteString(helpExamples)
	return b.String()
}

func commandHelp(command *kong.Node) string {
	var b strings.Builder
	path := command.Path()
	for _, argument := range command.Positional {
		path += " " + strings.ToUpper(argument.Name)
	}
	if len(command.Children) > 0 {
		path += " [command]"
	}
	fmt.Fprintf(&b, "%s\n\nUsage: postern %s [flags]\n", command.Help, path)
	if command.Detail != "" {
		fmt.Fprintf(&b, "\n%s\n", command.Detail)
	}
	for _, child := range command.Leaves(true) {
		fmt.Fprintf(&b, "\n  postern %s\n      %s\n", child.Path(), child.Help)
	}
	writeSettings(&b, command.Flags)
	if len(command.Flags) > 0 {
		b.WriteString("\nSee postern --help for secrets and examples.\n")
	}
	return b.String()
}

// writeSettings lists flags under the title of their group: in what order, the grammar says.
func writeSettings(b *strings.Builder, flags []*kong.Flag) {
	groups, titles := map[string][]*kong.Flag{}, []string{}
	for _, flag := range flags {
		title := flag.Group.Title
		if groups[title] == nil {
			titles = append(titles, title)
		}
		groups[title] = append(groups[title], flag)
	}
	for _, title := range titles {
		fmt.Fprintf(b, "\n%s:\n", title)
		for _, flag := range groups[title] {
			fmt.Fprintf(b, "  %s\n      %s\n      %sdefault: %s\n", flag.Summary(), flag.Help, shownVariable(flag), shownDefault(flag))
		}
	}
}

func shownVariable(flag *kong.Flag) string {
	if !isSetting(flag) {
		return ""
	}
	return variableOf(flag.Name) + ", "
}

func shownDefault(flag *kong.Flag) string {
	if shown := flag.Tag.Get("shown"); shown != "" {
		return shown
	}
	return flag.Default
}

func writeSecrets(b *strings.Builder) {
	b.WriteString(helpSecrets)
	for _, s := range secretSettings {
		fmt.Fprintf(b, "  %s\n      %s\n", s.variable, s.help)
	}
}
