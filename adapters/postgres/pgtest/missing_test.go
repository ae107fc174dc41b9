package pgtest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
)

// outcome is a testing.TB that records how a test ended.
type outcome struct {
	testing.TB
	failed, skipped bool
}

func (*outcome) Helper()      {}
func (*outcome) Name() string { return "TestX" }

func (o *outcome) Fatalf(string, ...any) {
	o.failed = true
	runtime.Goexit()
}

func (o *outcome) Skip(...any) {
	o.skipped = true
	runtime.Goexit()
}

func failing(t *testing.T, err error) *outcome {
	o, done := &outcome{TB: t}, make(chan struct{})
	go func() {
		defer close(done)
		fail(o, err)
	}()
	<-done
	return o
}

func TestOnlyMakeTestLeavesOutAndNeverInCI(t *testing.T) {
	file := filepath.Join(t.TempDir(), "left-out")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	none := fmt.Errorf("%w: because", errNoBinaries)
	for name, c := range map[string]struct {
		file, ci string
		err      error
		leftOut  bool
	}{
		"make test, no PostgreSQL": {file: file, err: none, leftOut: true},
		"make test, no PgBouncer":  {file: file, err: errNoBouncer, leftOut: true},
		"make test, another error": {file: file, err: errors.New("the server does not start")},
		"make test in CI":          {file: file, ci: "true", err: none},
		"go test":                  {err: none},
		"a file that is gone":      {file: file + "x", err: none},
	} {
		t.Setenv("TEST_LEFT_OUT", c.file)
		t.Setenv("CI", c.ci)
		o := failing(t, c.err)
		require.Equal(t, []bool{c.leftOut, !c.leftOut}, []bool{o.skipped, o.failed}, name)
	}
	content, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Contains(t, string(content), "\tpgtest.test TestX\n")
}
