package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

const (
	helpHead = "Postern serves an API for accounts and posts. It needs only a folder for its data. " +
		"Every setting has a default. A flag wins over its variable; an empty variable counts as unset."

	helpSecrets = "\nSecrets have no flags. To read one from a file, set the variable with the suffix _FILE to its path:\n"

	helpExamples = `
Run "postern <command> --help" for more information on a command.

Examples:
  postern                                     run on http://127.0.0.1:8080, with the data in ./data
  postern --addr=:9000 --data-dir=/srv/data   listen on all interfaces, keep the data elsewhere
  POSTERN_LOG_FORMAT=json postern serve       the same settings work as variables
  DATABASE_URL=postgres://... POSTERN_KEYS_FILE=keys.json postern       serve on PostgreSQL
  postern keys rotate                         sign with a new key; nobody is logged out
  postern users end-sessions ada@example.com  end all sessions of an account
  postern users suspend eve@example.com       block logins to an account
  postern posts hide 42                       hide a post from everybody but its owner
  postern conformance --target=http://127.0.0.1:8080     check a server against the contract
  postern doctor                              look for problems, also while it serves
  postern backup monday.db                    copy the embedded store while it serves
  postern restore monday.db                   put it back, while the service is stopped
  POSTERN_COPY_TO=postgres://... postern copy --from=./data     move to PostgreSQL
`
)

var errHelpShown = errors.New("help was shown")

// helpFlag prints the help instead of running the command. kong's own help flag ends the process.
type helpFlag bool

// IgnoreDefault keeps kong from choosing the default command.
func (helpFlag) IgnoreDefault() {}

// BeforeReset runs before any variable is read, so that the help is shown even if a variable is wrong.
func (helpFlag) BeforeReset(command *kong.Context) error {
	program, rest := command.Model, ""
	if command.Selected() == nil {
		program.Flags = append(program.Flags, program.DefaultCmd.Flags...)
		rest = secretsHelp() + helpExamples
	}
	options := kong.HelpOptions{Compact: true, FlagsLast: true, ValueFormatter: valueHelp}
	if err := kong.DefaultHelpPrinter(options, command); err != nil {
		return err
	}
	if _, err := io.WriteString(command.Stdout, rest); err != nil {
		return err
	}
	return errHelpShown
}

func asksForHelp(args []string) bool {
	return slices.Contains(args, "--help") || slices.Contains(args, "-h")
}

// valueHelp returns the help of a flag or an argument, with the flag's variable and default.
func valueHelp(value *kong.Value) string {
	flag := value.Flag
	if flag == nil || flag.IsBool() {
		return value.Help
	}
	note := "default: " + shownDefault(flag)
	if isSetting(flag) {
		note = variableOf(flag.Name) + ", " + note
	}
	if mayBeFile(flag) {
		note = variableOf(flag.Name) + "_FILE for a file, " + note
	}
	return fmt.Sprintf("%s (%s)", value.Help, note)
}

// shownDefault returns the default of a flag as people read it.
func shownDefault(flag *kong.Flag) string {
	if shown := flag.Tag.Get("shown"); shown != "" {
		return shown
	}
	return flag.Default
}

func secretsHelp() string {
	var b strings.Builder
	b.WriteString(helpSecrets)
	for _, s := range secretSettings {
		fmt.Fprintf(&b, "  %s\n      %s\n", s.variable, s.help)
	}
	return b.String()
}
