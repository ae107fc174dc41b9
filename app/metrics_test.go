package main

import (
	"io"
	"maps"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// metricsURL returns where an instance serves its metrics.
func (s *instance) metricsURL(t *testing.T) string {
	t.Helper()
	found := regexp.MustCompile(`Metrics +(http://\S+)`).FindStringSubmatch(s.stdout.String())
	require.NotNil(t, found)
	return found[1]
}

// scrape returns the value of each series and the type of each metric.
func (s *instance) scrape(t *testing.T) (series map[string]float64, types map[string]string) {
	t.Helper()
	answer, err := http.Get(s.metricsURL(t))
	require.NoError(t, err)
	defer answer.Body.Close()
	require.Equal(t, http.StatusOK, answer.StatusCode)
	page, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	series, types = map[string]float64{}, map[string]string{}
	for line := range strings.Lines(string(page)) {
		line = strings.TrimSpace(line)
		if metric, found := strings.CutPrefix(line, "# TYPE "); found {
			name, kind, _ := strings.Cut(metric, " ")
			types[name] = kind
		} else if !strings.HasPrefix(line, "#") {
			space := strings.LastIndexByte(line, ' ')
			series[line[:space]], err = strconv.ParseFloat(line[space+1:], 64)
			require.NoError(t, err, line)
		}
	}
	return series, types
}

// mixedLoad sends requests of many kinds. The instance allows two writes at once.
func (s *instance) mixedLoad(t *testing.T) {
	t.Helper()
	login := s.signUp(t, ada)
	s.status(t, "GET", "/posts?limit=1", "", "")
	for range 3 {
		s.status(t, "POST", "/posts", login.AccessToken, `{"title":"First","content":"Hello."}`)
	}
	s.status(t, "GET", "/posts/1", login.AccessToken, "")
	s.status(t, "GET", "/posts?search=hello", "", "")
	s.status(t, "GET", "/healthz", "", "")
	s.status(t, "GET", "/nothing", "", "")
	_, err := http.PostForm(s.url+"/login", map[string][]string{"username": {ada}, "password": {"wrong-" + goodPassword}})
	require.NoError(t, err)
	s.end(t, login)
	require.Equal(t, http.StatusUnauthorized, s.me(t, login.AccessToken))
}

func TestMetricsAfterAMixedLoad(t *testing.T) {
	t.Parallel()
	onEveryStore(t, func(t *testing.T, env map[string]string) {
		env["POSTERN_METRICS_ADDR"], env["POSTERN_WRITES_BURST"], env["POSTERN_WRITES_PER_MINUTE"] = "127.0.0.1:0", "2", "1"
		s := launch(t, env)
		s.mixedLoad(t)
		var series map[string]float64
		var types map[string]string
		require.Eventually(t, func() bool { // a request ends after its answer was sent
			series, types = s.scrape(t)
			return series["http_server_active_requests"] == 0
		}, patience, time.Millisecond)
		for name, want := range map[string]float64{
			`http_server_request_duration_seconds_count{operation="CreatePost",status="201"}`:         2,
			`http_server_request_duration_seconds_count{operation="CreatePost",status="429"}`:         1,
			`http_server_request_duration_seconds_count{operation="ListPosts",status="200"}`:          2,
			`http_server_request_duration_seconds_count{operation="Login",status="403"}`:              1,
			`http_server_request_duration_seconds_count{operation="GetHealth",status="200"}`:          1,
			`http_server_request_duration_seconds_count{operation="unmatched",status="404"}`:          1,
			`http_server_request_duration_seconds_count{operation="GetCurrentUser",status="401"}`:     1,
			`http_server_request_duration_seconds_bucket{operation="GetPost",status="200",le="+Inf"}`: 1,
			`postern_limits_hit_total{limit="writes"}`:                                                1,
			`postern_limits_hit_total{limit="requests"}`:                                              0,
			`postern_security_events_total{event="login_succeeded"}`:                                  1,
			`postern_security_events_total{event="login_failed"}`:                                     1,
			`postern_security_events_total{event="session_ended"}`:                                    1,
			`postern_security_events_total{event="refresh_reused"}`:                                   0,
			`postern_hash_wait_seconds_count`:                                                         3,
			`postern_hash_queue_length`:                                                               0,
			`postern_background_task_failures_total{task="make posts searchable"}`:                    0,
		} {
			got, found := series[name]
			require.True(t, found, name)
			require.Equal(t, want, got, name)
		}
		require.Less(t, series["postern_revocation_staleness_seconds"], 20.0)
		last := series[`postern_background_task_last_success_timestamp_seconds{task="follow the sessions that end on other instances"}`]
		require.InDelta(t, time.Now().Unix(), last, 20)
		if env["POSTERN_DATA_DIR"] != "" {
			require.Greater(t, series["postern_commit_group_writes_count"], 2.0)
			require.Positive(t, series["postern_disk_free_bytes"])
		}
		store := map[bool]string{true: "SQLite", false: "PostgreSQL"}[env["POSTERN_DATA_DIR"] != ""]
		requireDocumented(t, series, types, store)
		requireQueriesMatch(t, types, store)
	})
}

var metricRow = regexp.MustCompile("(?m)^\\| `([a-z_]+)`(?: `([a-z,]+)`)?(?: \\((SQLite|PostgreSQL)\\))? \\| ([a-z]+) \\| (.+) \\|$")

// requireDocumented compares the table of docs/operations.md with the metrics of an instance on a store.
func requireDocumented(t *testing.T, series map[string]float64, types map[string]string, store string) {
	t.Helper()
	page, err := os.ReadFile("../docs/operations.md")
	require.NoError(t, err)
	rows := metricRow.FindAllStringSubmatch(string(page), -1)
	require.NotEmpty(t, rows)
	documented := map[string]bool{}
	for _, row := range rows {
		name, labels, only, kind := row[1], row[2], row[3], row[4]
		if only != "" && only != store {
			require.NotContains(t, types, name)
			continue
		}
		documented[name] = true
		require.Equal(t, kind, types[name], name)
		pattern := "^" + name + map[bool]string{true: "_count"}[kind == "histogram"]
		if labels != "" {
			pattern += `\{` + strings.ReplaceAll(labels, ",", `="[^"]*",`) + `="[^"]*"\}`
		}
		match := regexp.MustCompile(pattern + "$")
		require.True(t, slices.ContainsFunc(slices.Collect(maps.Keys(series)), match.MatchString), "no series matches %s", match)
	}
	for name := range types {
		library := strings.HasPrefix(name, "go_") || strings.HasPrefix(name, "process_")
		require.True(t, library || documented[name], "docs/operations.md lacks %s", name)
	}
}

func TestMetricsListenerIsSeparate(t *testing.T) {
	t.Parallel()
	s := launch(t, map[string]string{"POSTERN_METRICS_ADDR": "localhost:0"})
	metrics := s.metricsURL(t)
	for url, status := range map[string]int{
		metrics: http.StatusOK,
		strings.TrimSuffix(metrics, "/metrics") + "/posts": http.StatusNotFound,
		s.url + "/metrics": http.StatusNotFound,
	} {
		answer, err := http.Get(url)
		require.NoError(t, err)
		require.NoError(t, answer.Body.Close())
		require.Equal(t, status, answer.StatusCode, url)
	}
	require.NoError(t, s.shutDown())
	_, err := http.Get(metrics)
	require.Error(t, err, "the listener stops with the service")
	require.NotContains(t, launch(t, nil).stdout.String(), "  Metrics ")
}
