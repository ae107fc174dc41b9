package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/stretchr/testify/require"
)

// oddPaths maps paths that are refused to a part of the message.
var oddPaths = map[string]string{
	`"/x/data"`:             "quotation mark",
	`'/x/data'`:             "quotation mark",
	`"/x/data`:              "quotation mark",
	"/x/data\r":             "white space",
	"/x/data\n":             "white space",
	"/x/data ":              "white space",
	" /x/data":              "white space",
	"/x/data\u00a0":         "white space",
	"\uFEFF/x/data":         "byte order mark",
	"/x/data\u200b":         "invisible character",
	"/x/da\tta":             "control character",
	"~/data":                "which only a shell replaces",
	"~":                     "which only a shell replaces",
	"~ada/data":             "which only a shell replaces",
	"$HOME/data":            "which only a shell replaces",
	"/srv/${STAGE}/data":    "which only a shell replaces",
	"file:///x/data":        "is a URL",
	"sqlite://x/postern.db": "is a URL",
}

func TestCheckPath(t *testing.T) {
	t.Parallel()
	for path, says := range oddPaths {
		require.ErrorContains(t, checkPath(path), says, "%q", path)
	}
	for _, path := range []string{
		"data", "./data", "../data", "/", "/srv/my data", "/srv/Ada's/data", "./~", "/srv/~/data", "/srv/a$b", "-", "/srv/dæta", "C:",
	} {
		require.NoError(t, checkPath(path), path)
	}
}

// TestOnlyStreamsKeepAHyphen: "-" is an ordinary name of a folder, and stands for the input or the output where an argument says so.
func TestOnlyStreamsKeepAHyphen(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"-", "data"} {
		absolute, err := filepath.Abs(path)
		require.NoError(t, err)
		parsed, err := parsePath(path)
		require.NoError(t, err)
		require.Equal(t, absolute, parsed)
	}
	parsed, err := parseStream("-")
	require.NoError(t, err)
	require.Equal(t, "-", parsed)
}

// pathSettings returns the settings that hold a path, each with a command that reads it.
func pathSettings(t *testing.T) (commands map[string]string) {
	t.Helper()
	commands = map[string]string{"from": "copy", "to": "copy"}
	parser, err := newParser(io.Discard)
	require.NoError(t, err)
	require.NoError(t, kong.Visit(parser.Model, func(node kong.Visitable, next kong.Next) error {
		if command, isCommand := node.(*kong.Node); isCommand && command.Type == kong.CommandNode {
			for _, flag := range command.Flags {
				if flag.Tag.Type == "path" && isSetting(flag) {
					commands[flag.Name] = command.Path()
				}
			}
		}
		return next(nil)
	}))
	require.Contains(t, commands, "data-dir")
	require.Contains(t, commands, "keys-file")
	return commands
}

// TestOddPathsAreRefusedForEverySetting tries three odd paths for each setting. TestCheckPath tries all of them.
func TestOddPathsAreRefusedForEverySetting(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, path := range []string{`"/x/data"`, "/x/data\n", "file:///x/data"} {
		says := oddPaths[path]
		if strings.Contains(path, "://") {
			says = "must be" // copy also accepts URLs
		}
		for flag, command := range pathSettings(t) {
			args := strings.Fields(command)
			if command == "backup" {
				args = append(args, "x.db")
			}
			for _, environ := range [][]string{{variableOf(flag) + "=" + path}, nil} {
				all := args
				if environ == nil {
					all = append(args[:len(args):len(args)], "--"+flag+"="+path)
				}
				requirePathRefused(t, variableOf(flag), path, says, environ, all...)
			}
		}
		for _, s := range secretSettings {
			variable := s.variable + "_FILE"
			command := map[string][]string{
				"POSTERN_COPY_FROM": {"copy"}, "POSTERN_COPY_TO": {"copy"}, "POSTERN_CONFORMANCE_PASSWORD": {"conformance"},
			}[s.variable]
			requirePathRefused(t, variable, path, says, []string{variable + "=" + path}, command...)
		}
		requirePathRefused(t, "<file>", path, says, nil, "backup", path)
		requirePathRefused(t, "<file>", path, says, nil, "users", "import", path)
		requirePathRefused(t, "--output", path, says, nil, "conformance", "--output="+path)
	}
	made, err := os.ReadDir(".")
	require.NoError(t, err)
	require.Empty(t, made, "nothing was created")
}

func requirePathRefused(t *testing.T, name, path, says string, environ []string, args ...string) {
	t.Helper()
	code, stdout, stderr := postern(t, environ, args...)
	require.Equal(t, exitUsage, code, "%s=%q: %s", name, path, stderr)
	require.Empty(t, stdout)
	require.Contains(t, stderr, name+" ", "%q", path)
	require.Contains(t, stderr, says, "%s=%q", name, path)
	require.NotContains(t, stderr, "x/data")
}
