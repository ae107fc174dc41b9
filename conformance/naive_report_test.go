package conformance_test

import (
	"flag"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/conformance"
)

var update = flag.Bool("update", false, "write the reports in testdata")

var onNaive sharedReport

// naiveReport returns a report with all cases of a naive server.
func naiveReport(t *testing.T) *conformance.Report {
	t.Helper()
	return onNaive.get(t, func() *conformance.Report { return conform(t, newNaive(), "") })
}

// TestNaiveServer checks the server of a reader of the tutorial. The server keeps the promises of the tutorial. The reports
// are in testdata for people to judge: they should list few causes, the most important ones first. Run it with -update after
// a change.
func TestNaiveServer(t *testing.T) {
	t.Parallel()
	for _, level := range []conformance.Level{conformance.Lesson, conformance.Shape, conformance.Behaviour, conformance.Hardening} {
		report := naiveReport(t)
		if level != conformance.Hardening {
			report = conform(t, newNaive(), "", func(o *conformance.Options) { o.Level = level })
		}
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

var unsteady = regexp.MustCompile(`127\.0\.0\.1:\d+|in [0-9.]+ s|(?i:conformance)-?[A-Za-z0-9]{6,16}|\d{4}-\d\d-\d\dT[0-9:.]+`)

// steady replaces the parts of a report that differ in every run.
func steady(text string) string { return unsteady.ReplaceAllString(text, "*") }

// TestLessonFollowsTheRedirectsOfFastAPI checks a server whose paths end in a slash, or lead to another server.
func TestLessonFollowsTheRedirectsOfFastAPI(t *testing.T) {
	t.Parallel()
	for prefix, failed := range map[string]int{"": 0, "http://elsewhere.invalid": 4} {
		naive := newNaive()
		report := conform(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/posts" {
				w.Header().Set("Location", prefix+"/posts/")
				w.WriteHeader(http.StatusTemporaryRedirect)
				return
			}
			r.URL.Path = strings.TrimSuffix(r.URL.Path, "/")
			naive.ServeHTTP(w, r)
		}), "", func(o *conformance.Options) { o.Level = conformance.Lesson })
		require.Len(t, report.Breaches(), failed)
	}
}

// TestGoneServer stops the server during a run. The cases that are left are skipped.
func TestGoneServer(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(newHandler(t))
	t.Cleanup(server.Close)
	report, err := conformance.Run(t.Context(), conformance.Options{Target: server.URL, Done: func(r conformance.Result) {
		if r.Name == "ListPosts/lesson" {
			server.Close()
		}
	}})
	require.ErrorIs(t, err, conformance.ErrGone)
	require.Equal(t, "the server is gone", report.Results[20].Skipped)
}

// TestWaitsOut429 answers the first login with 429.
func TestWaitsOut429(t *testing.T) {
	t.Parallel()
	whole, refused, waits := newHandler(t), false, 0
	report := conform(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/login" && !refused {
			refused = true
			w.Header().Set("Retry-After", "1")
			w.WriteHeader(http.StatusTooManyRequests)
			return
		}
		whole.ServeHTTP(w, r)
	}), "^Login/lesson$", func(o *conformance.Options) {
		o.Level, o.MaxWait, o.Waiting = conformance.Lesson, 2*time.Second, func(time.Duration) { waits++ }
	})
	requireNoBreach(t, report)
	require.Equal(t, 1, waits)
}
