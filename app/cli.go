package main

import (
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"example.com/postern/adapters/mail"
	"example.com/postern/conformance"
)

// cli is the grammar of the command line.
type cli struct {
	Serve serveCommand `cmd:"" default:"withargs" help:"Run the service. This is the default command."`
	Keys  struct {
		List   keysListCommand   `cmd:"" help:"List the keys, without their secrets."`
		Create keysCreateCommand `cmd:"" help:"Create a key file for instances that share a store."`
		Rotate keysRotateCommand `cmd:"" help:"Add a signing key, which takes over in a minute. Nobody is logged out."`
	} `cmd:"" help:"Manage the keys that sign access tokens."`
	Users struct {
		Import      usersImportCommand      `cmd:"" help:"Import accounts from another system, with their password hashes."`
		SetPassword usersSetPasswordCommand `cmd:"" help:"Replace an account's password and end all its sessions."`
		SetEmail    usersSetEmailCommand    `cmd:"" help:"Give an account another address, and end all its sessions."`
		Show        usersShowCommand        `cmd:"" help:"Show the state of an account."`
		EndSessions usersEndSessionsCommand `cmd:"" help:"End all sessions of an account."`
		Suspend     usersSuspendCommand     `cmd:"" help:"Block logins to an account, and end all its sessions."`
		Restore     usersRestoreCommand     `cmd:"" help:"Let the owner of a suspended account log in again."`
	} `cmd:"" help:"Manage accounts, also while the service runs."`
	Posts struct {
		Hide postsHideCommand `cmd:"" help:"Hide a post from everybody but its owner."`
		Show postsShowCommand `cmd:"" help:"Show a hidden post again."`
	} `cmd:"" help:"Hide posts, also while the service runs."`
	Sessions struct {
		End sessionsEndCommand `cmd:"" help:"End all sessions of all accounts."`
	} `cmd:"" help:"End sessions, also while the service runs."`
	Audit auditCommand `cmd:"" help:"Print what operators did, newest first."`
	Mail  struct {
		Test mailTestCommand `cmd:"" help:"Send a mail to an address now, and print what the mail server said."`
	} `cmd:"" help:"Check how mails are sent."`
	Migrate migrateCommand `cmd:"" help:"Bring the schema of a PostgreSQL store up to date."`
	Copy    copyCommand    `cmd:"" help:"Copy everything to a new store: from a file to PostgreSQL, or back."`
	Backup  backupCommand  `cmd:"" help:"Back up the embedded store to a new file, while the service runs."`
	Restore restoreCommand `cmd:"" help:"Replace the embedded store with a backup."`
	Epoch   struct {
		New epochNewCommand `cmd:"" help:"End all sessions after a restore of PostgreSQL, or a failover that lost writes."`
	} `cmd:"" help:"Manage the store's epoch, which tokens are bound to."`
	Doctor      doctorCommand      `cmd:"" help:"Check the store, the keys and the settings, also while the service runs."`
	Conformance conformanceCommand `cmd:"" help:"Check a server against the contract, over HTTP."`
	Healthcheck healthcheckCommand `cmd:"" help:"Ask a running service whether it is ready. For containers and monitors."`
	Version     versionCommand     `cmd:"" help:"Print the version of this build."`

	Help helpFlag `short:"h" option:"" help:"Show this help."`
}

// parseCommand returns the command that args name. A flag that is not in args has the value of its variable.
func parseCommand(args []string, getenv func(string) string, stdout io.Writer) (*kong.Context, error) {
	parser, err := newParser(stdout, kong.Resolvers(variables(getenv)))
	if err != nil {
		return nil, err
	}
	command, err := parser.Parse(args)
	if err != nil {
		return nil, usageError(parser.Model, err)
	}
	return command, nil
}

func newParser(stdout io.Writer, options ...kong.Option) (*kong.Kong, error) {
	return kong.New(&cli{}, append(options,
		kong.Name("postern"),
		kong.Description(helpHead),
		kong.NoDefaultHelp(),
		kong.Writers(stdout, stdout),
		kong.NamedMapper("address", setting(parseAddress)),
		kong.NamedMapper("loopback", setting(parseLoopback)),
		kong.NamedMapper("publicurl", setting(parsePublicURL)),
		kong.NamedMapper("origins", setting(parseOrigins)),
		kong.NamedMapper("prefixes", setting(parsePrefixes)),
		kong.NamedMapper("period", taggedSetting(parsePeriod)),
		kong.NamedMapper("number", taggedSetting(parseNumber)),
		kong.NamedMapper("choice", taggedSetting(parseChoice)),
		kong.NamedMapper("name", setting(parseName)),
		kong.NamedMapper("path", setting(parsePath)),
		kong.NamedMapper("stream", setting(parseStream)),
		kong.NamedMapper("sender", setting(mail.ParseFrom)),
		kong.NamedMapper("link", setting(parseLink)),
		kong.NamedMapper("text", setting(parseText)),
		kong.NamedMapper("target", setting(parseTarget)),
		kong.NamedMapper("level", setting(conformance.ParseLevel)),
		kong.NamedMapper("pattern", setting(parsePattern)),
	)...)
}

// variables resolves a flag from its environment variable, or from the file that the variable with the suffix _FILE names.
// An empty variable counts as unset.
func variables(getenv func(string) string) kong.Resolver {
	return kong.ResolverFunc(func(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
		if !isSetting(flag) {
			return nil, nil
		}
		name := variableOf(flag.Name)
		text, path := getenv(name), ""
		if mayBeFile(flag) {
			path = getenv(name + "_FILE")
		}
		switch {
		case text != "" && path != "":
			return nil, refuse(name, "and "+name+"_FILE are both set: keep one")
		case path != "":
			return readSetting(name+"_FILE", path)
		case text != "":
			return text, nil
		}
		return nil, nil
	})
}

// mayBeFile reports whether a variable with the suffix _FILE may name a file with the value of a flag.
func mayBeFile(flag *kong.Flag) bool { return flag.Tag.Has("file") }

// isSetting reports whether a flag also has a variable. An option has none, because it applies to one run of a command only.
func isSetting(flag *kong.Flag) bool { return !flag.Tag.Has("option") }

// variableOf returns the environment variable of a flag.
func variableOf(flag string) string {
	if flag == "from" || flag == "to" {
		flag = "copy-" + flag // flags follow the name of their command, variables stand alone
	}
	return "POSTERN_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// usageError returns an error of kong with a text that is safe to print. Some of kong's own texts repeat an argument, which
// may be a secret.
func usageError(program *kong.Application, err error) error {
	if refused, ok := errors.AsType[*refusal](err); ok {
		return refused
	}
	if errors.Is(err, errHelpShown) || isReaderGone(err) {
		return err
	}
	text := err.Error()
	safe := []string{"unknown flag -", "expected one of ", `expected "<`, "flag --"}
	if !slices.ContainsFunc(safe, func(prefix string) bool { return strings.HasPrefix(text, prefix) }) {
		text = "there is an argument that is neither a command nor a flag: the commands are " + commandNames(program)
	}
	return &refusal{text: text + "; see postern --help"}
}

func commandNames(program *kong.Application) string {
	var names []string
	for _, command := range program.Leaves(true) {
		names = append(names, command.Path())
	}
	return strings.Join(names, ", ")
}
