package main

import (
	"cmp"
	"fmt"
	"runtime"
	"runtime/debug"
)

// version is set by the build: -ldflags "-X main.version=v1.2.3".
var version string

type versionCommand struct{}

// Run prints version, commit, Go version and platform on one line.
func (versionCommand) Run(p *process) error {
	name, commit := build()
	_, err := fmt.Fprintf(p.stdout, "postern %s (commit %s, %s, %s/%s)\n", name, commit, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return err
}

// build returns the version, "dev" if the build did not set one, and the commit. A commit with local changes ends in +changes.
func build() (name, commit string) {
	name, commit = cmp.Or(version, "dev"), "unknown"
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return name, commit
	}
	if version == "" && info.Main.Version != "(devel)" {
		name = cmp.Or(info.Main.Version, name)
	}
	changed := ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			commit = s.Value[:min(len(s.Value), 12)]
		case s.Key == "vcs.modified" && s.Value == "true":
			changed = "+changes"
		}
	}
	return name, commit + changed
}
