package main

import (
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// cli is the grammar of the command line.
type cli struct {
	Serve serveCommand `cmd:"" default:"withargs" help:"Run the service: the default, so that it need not be said."`
	Keys  struct {
		List   keysListCommand   `cmd:"" help:"Show the keys: all but their secrets."`
		Create keysCreateCommand `cmd:"" help:"Make a key file, for instances that share a store."`
		Rotate keysRotateCommand `cmd:"" help:"Add a signing key, which takes over in a minute; nobody is logged out."`
	} `cmd:"" help:"Look after the keys that sign access tokens."`
	Users struct {
		Import      usersImportCommand      `cmd:"" help:"Add accounts that were made elsewhere, with their password hashes."`
		SetPassword usersSetPasswordCommand `cmd:"" help:"Replace an account's password and end all its sessions."`
		EndSessions usersEndSessionsCommand `cmd:"" help:"Log an account out everywhere."`
	} `cmd:"" help:"Look after accounts, also while the service serves."`
	Migrate migrateCommand `cmd:"" help:"Bring the schema of a PostgreSQL store up to date, and do no more."`
	Copy    copyCommand    `cmd:"" help:"Copy everything to a new store: from a file to PostgreSQL, or back."`
	Backup  backupCommand  `cmd:"" help:"Write the embedded store to a new FILE, while it serves."`
	Restore restoreCommand `cmd:"" help:"Put a backup FILE in the place of the embedded store."`
	Epoch   struct {
		New epochNewCommand `cmd:"" help:"End all sessions after a restore of PostgreSQL, or a failover that lost writes."`
	} `cmd:"" help:"Look after the store's epoch, which tokens are bound to."`
	Conformance conformanceCommand `cmd:"" help:"Check any server against the contract, from outside."`
	Healthcheck healthcheckCommand `cmd:"" help:"Ask a running service whether it is ready, for containers and monitors."`
	Version     versionCommand     `cmd:"" help:"Show which build this is."`

	Help helpFlag `short:"h" help:"Show this help."`
}

// parseCommand returns the command that args name, with its flags and, for those that args leave out, their variables.
func parseCommand(args []string, getenv func(string) string, stdout io.Writer) (*kong.Context, error) {
	parser, err := newParser(stdout, kong.Resolvers(variables(getenv)))
	if err != nil {
		return nil, err
	}
	command, err := parser.Parse(args)
	if err != nil {
		return nil, usageError(err)
	}
	return command, nil
}

func newParser(stdout io.Writer, options ...kong.Option) (*kong.Kong, error) {
	return kong.New(&cli{}, append(options,
		kong.Name("postern"),
		kong.NoDefaultHelp(),
		kong.Writers(stdout, stdout),
		kong.NamedMapper("address", setting(parseAddress)),
		kong.NamedMapper("loopback", setting(parseLoopback)),
		kong.NamedMapper("origins", setting(parseOrigins)),
		kong.NamedMapper("prefixes", setting(parsePrefixes)),
		kong.NamedMapper("period", setting(parsePeriod)),
		kong.NamedMapper("number", setting(parseNumber)),
		kong.NamedMapper("choice", setting(parseChoice)),
		kong.NamedMapper("name", setting(parseName)),
		kong.NamedMapper("path", setting(parsePath)),
		kong.NamedMapper("text", setting(parseText)),
		kong.NamedMapper("target", setting(parseTarget)),
		kong.NamedMapper("pattern", setting(parsePattern)),
	)...)
}

// variables resolves a flag from the environment variable of its name. An empty one counts as unset.
func variables(getenv func(string) string) kong.Resolver {
	return kong.ResolverFunc(func(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
		if !isSetting(flag) {
			return nil, nil
		}
		if text := getenv(variableOf(flag.Name)); text != "" {
			return text, nil
		}
		return nil, nil
	})
}

// isSetting tells whether a flag has a variable, too. An option says what a command does this time; help is help.
func isSetting(flag *kong.Flag) bool { return !isHelp(flag) && !flag.Tag.Has("option") }

// variableOf returns the environment variable that says the same as a flag.
func variableOf(flag string) string {
	if flag == "from" || flag == "to" {
		flag = "copy-" + flag // they say enough behind their command only
	}
	return "POSTERN_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// usageError says what kong found wrong without the arguments that kong repeats: one of them may be a secret.
func usageError(err error) error {
	if refused := (*refusal)(nil); errors.As(err, &refused) {
		return refused
	}
	if errors.Is(err, errHelpShown) {
		return errHelpShown
	}
	if isReaderGone(err) {
		return err
	}
	text := err.Error()
	names := []string{"unknown flag -", "expected one of ", `expected "<`, "flag --"}
	if !slices.ContainsFunc(names, func(prefix string) bool { return strings.HasPrefix(text, prefix) }) {
		text = "there is an argument that is neither a command nor a flag: the commands are " +
			"serve, keys list, keys create, keys rotate, users import, users set-password, users end-sessions, migrate, " +
			"copy, backup, restore, epoch new, conformance, healthcheck and version"
	}
	return &refusal{text: text + "; see postern --help"}
}
