package pgtest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// fail ends a test that could not get its server. Where there is nothing to make one from, make test wants such tests left out
// and listed in the file TEST_LEFT_OUT. Everywhere else the test fails, and always in CI.
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

// remedy says what a machine needs so that err does not come again, or nothing if that would not help.
func remedy(err error) string {
	switch {
	case errors.Is(err, errNoBinaries):
		return "PostgreSQL (install it, or npm, which can fetch it, or set TEST_DATABASE_URL)"
	case errors.Is(err, errNoBouncer):
		return "PgBouncer (install it)"
	}
	return ""
}

// appendLine adds a line to a file that other test binaries write to, too.
func appendLine(name, line string) error {
	file, err := os.OpenFile(name, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(file, line)
	return errors.Join(err, file.Close())
}
