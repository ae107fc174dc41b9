package conformance_test

import (
	"flag"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"example.com/postern/conformance"
)

var update = flag.Bool("update", false, "write the reports in testdata")

// TestNaiveServer checks the server of a reader of the tutorial. It keeps what the tutorial promises.
func TestNaiveServer(t *testing.T) {
	t.Parallel()
	for _, level := range []conformance.Level{conformance.Lesson, conformance.Shape, conformance.Behaviour} {
		report := conform(t, newNaive(), "", func(o *conformance.Options) { o.Level = level })
		var b strings.Builder
		require.NoError(t, report.WriteText(&b))
		file := "testdata/naive-" + level.String() + ".txt"
		text := steady(b.String())
		if *update {
			require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
		}
		wanted, err := os.ReadFile(file)
		require.NoError(t, err)
		require.Equal(t, string(wanted), text)
		if level == conformance.Lesson {
			require.Empty(t, report.Breaches())
		}
	}
}

var unsteady = regexp.MustCompile(`127\.0\.0\.1:\d+|in [0-9.]+ s|conformance-?[a-z0-9]{16}|\d{4}-\d\d-\d\dT[0-9:.]+`)

// steady replaces what differs in every run.
func steady(text string) string { return unsteady.ReplaceAllString(text, "*") }
