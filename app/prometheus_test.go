//go:build deploy

package main

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

// TestPrometheusEvaluatesEveryQuery: over real scrapes after a mixed load, each query of the dashboard has data, and so does each
// alert rule without its threshold. Queries of metrics that only the other store has are left out.
func TestPrometheusEvaluatesEveryQuery(t *testing.T) {
	t.Parallel()
	onEveryStore(t, func(t *testing.T, env map[string]string) {
		env["POSTERN_METRICS_ADDR"], env["POSTERN_WRITES_BURST"], env["POSTERN_WRITES_PER_MINUTE"] = "127.0.0.1:0", "2", "1"
		env["POSTERN_HASH_WORKERS"], env["POSTERN_HASH_QUEUE"] = "1", "2"
		s := launch(t, env)
		p := startPrometheus(t, strings.TrimSuffix(strings.TrimPrefix(s.metricsURL(t), "http://"), "/metrics"))
		s.mixedLoad(t)

		_, types := s.scrape(t)
		missing := map[string]bool{}
		for _, query := range append(dashboardQueries(t), ruleQueries(t)...) {
			if len(unknownMetrics(query, types)) == 0 {
				missing[query] = true
			}
		}
		require.Greater(t, len(missing), 35)
		for deadline := time.Now().Add(90 * time.Second); len(missing) > 0; {
			require.True(t, time.Now().Before(deadline), "no data for %v", missing)
			s.logInAtOnce(t, 12)
			s.status(t, "GET", "/posts?search=hello", "", "")
			s.status(t, "POST", "/posts", "not a token", `{"title":"First","content":"Hello."}`)
			for query := range missing {
				if p.hasData(t, query) {
					delete(missing, query)
				}
			}
		}
		p.requireHealthyRules(t)
	})
}

// logInAtOnce sends more logins than may wait, so that some get 503.
func (s *instance) logInAtOnce(t *testing.T, n int) {
	t.Helper()
	var all sync.WaitGroup
	for range n {
		all.Go(func() {
			answer, err := http.PostForm(s.url+"/login", url.Values{"username": {ada}, "password": {goodPassword}})
			if err == nil {
				_ = answer.Body.Close()
			}
		})
	}
	all.Wait()
}

// dashboardQueries returns the queries of deploy/grafana/dashboard.json, with its variables replaced.
func dashboardQueries(t *testing.T) (queries []string) {
	t.Helper()
	content, err := os.ReadFile("../deploy/grafana/dashboard.json")
	require.NoError(t, err)
	var dashboard struct {
		Panels []struct{ Targets []struct{ Expr string } }
	}
	require.NoError(t, json.Unmarshal(content, &dashboard))
	for _, panel := range dashboard.Panels {
		for _, target := range panel.Targets {
			queries = append(queries, strings.NewReplacer("$instance", ".*", "$__rate_interval", "1m").Replace(target.Expr))
		}
	}
	return queries
}

var threshold = regexp.MustCompile(` (==|<|>) [0-9.e]+`)

// ruleQueries returns the expressions of deploy/prometheus/alerts.yml without their thresholds, because no alert should fire.
func ruleQueries(t *testing.T) (queries []string) {
	t.Helper()
	content, err := os.ReadFile("../deploy/prometheus/alerts.yml")
	require.NoError(t, err)
	var file struct {
		Groups []struct{ Rules []struct{ Expr string } }
	}
	require.NoError(t, yaml.Unmarshal(content, &file))
	for _, group := range file.Groups {
		for _, rule := range group.Rules {
			require.Regexp(t, threshold, rule.Expr)
			queries = append(queries, threshold.ReplaceAllString(rule.Expr, ""))
		}
	}
	return queries
}

// prometheus is the base URL of a running Prometheus.
type prometheus string

// startPrometheus runs Prometheus with the configuration of deploy, except that it scrapes target every second.
func startPrometheus(t *testing.T, target string) prometheus {
	t.Helper()
	folder := t.TempDir()
	require.NoError(t, os.CopyFS(folder, os.DirFS("../deploy/prometheus")))
	path := filepath.Join(folder, "prometheus.yml")
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	changed := strings.NewReplacer("15s", "1s", "postern:9090", target).Replace(string(content))
	require.NoError(t, os.WriteFile(path, []byte(changed), 0o600))

	address := freeAddress(t)
	log, err := os.Create(filepath.Join(folder, "log"))
	require.NoError(t, err)
	command := exec.Command("prometheus", "--config.file="+path, "--storage.tsdb.path="+filepath.Join(folder, "data"), "--web.listen-address="+address)
	command.Stdout, command.Stderr = log, log
	require.NoError(t, command.Start())
	t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait()
		_ = log.Close()
	})
	p := prometheus("http://" + address)
	require.Eventually(t, func() bool {
		answer, err := http.Get(string(p) + "/-/ready")
		if err != nil {
			return false
		}
		_ = answer.Body.Close()
		return answer.StatusCode == http.StatusOK
	}, patience, 50*time.Millisecond)
	return p
}

// get decodes the data of an answer. An answer with an error or a warning fails the test.
func (p prometheus) get(t *testing.T, path string, data any) {
	t.Helper()
	answer, err := http.Get(string(p) + path)
	require.NoError(t, err)
	defer answer.Body.Close()
	result := struct {
		Status, Error string
		Warnings      []string
		Data          any
	}{Data: data}
	require.NoError(t, json.NewDecoder(answer.Body).Decode(&result))
	require.Equal(t, "success", result.Status, "%s: %s", path, result.Error)
	require.Empty(t, result.Warnings, path)
}

// hasData reports whether a query has a value that is a number.
func (p prometheus) hasData(t *testing.T, query string) bool {
	t.Helper()
	var data struct{ Result []struct{ Value [2]any } }
	p.get(t, "/api/v1/query?query="+url.QueryEscape(query), &data)
	for _, series := range data.Result {
		value, err := strconv.ParseFloat(fmt.Sprint(series.Value[1]), 64)
		require.NoError(t, err)
		if !math.IsNaN(value) {
			return true
		}
	}
	return false
}

// requireHealthyRules waits until Prometheus has evaluated each alert rule, and requires that it had no error.
func (p prometheus) requireHealthyRules(t *testing.T) {
	t.Helper()
	require.EventuallyWithT(t, func(c *assert.CollectT) {
		var data struct {
			Groups []struct {
				Rules []struct{ Name, Health, LastError string }
			}
		}
		p.get(t, "/api/v1/rules", &data)
		require.NotEmpty(c, data.Groups)
		for _, rule := range data.Groups[0].Rules {
			require.Equal(c, "ok", rule.Health, "%s: %s", rule.Name, rule.LastError)
		}
	}, patience, 100*time.Millisecond)
}
