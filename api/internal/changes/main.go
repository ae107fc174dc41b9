// Command changes checks how openapi.yaml differs from its last release, and writes a page about it. It reads the list that
// "oasdiff changelog --format json" prints from the standard input. make compat and make changes run it.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path"
	"strings"
)

func main() {
	o := options{}
	flag.StringVar(&o.base, "base", "", "the last release, such as api/released/v0.1.0.yaml")
	flag.StringVar(&o.accepted, "accepted", "api/released/accepted.txt", "the accepted differences with their reasons")
	flag.StringVar(&o.page, "page", "api/released/changes.md", "the page about the differences")
	flag.BoolVar(&o.write, "write", false, "write the page, instead of checking that it is current")
	flag.Parse()
	if err := run(o, os.Stdin); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

type options struct {
	base, accepted, page string
	write                bool
}

// run checks that the accepted differences are exactly those that oasdiff calls breaking. Then it writes or checks the page.
func run(o options, oasdiff io.Reader) error {
	var differences []difference
	if err := json.NewDecoder(oasdiff).Decode(&differences); err != nil {
		return fmt.Errorf("the output of oasdiff: %w", err)
	}
	text, err := os.ReadFile(o.accepted)
	if err != nil {
		return err
	}
	accepted, err := parseAccepted(string(text))
	if err != nil {
		return fmt.Errorf("%s: %w", o.accepted, err)
	}
	if err := accepted.check(differences); err != nil {
		return fmt.Errorf("%s: %w", o.accepted, err)
	}
	release := strings.TrimSuffix(path.Base(o.base), path.Ext(o.base))
	page := render(release, differences, accepted)
	if o.write {
		return os.WriteFile(o.page, []byte(page), 0o644)
	}
	if current, err := os.ReadFile(o.page); err != nil {
		return err
	} else if string(current) != page {
		return errors.New(o.page + " is out of date: run make changes")
	}
	return nil
}
