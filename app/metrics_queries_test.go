package main

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var (
	metricName = regexp.MustCompile(`\b(?:http_server|db_client|postern|go|process)_[a-z_]+`)
	partOf     = regexp.MustCompile(`_(?:bucket|sum|count)$`)
)

// unknownMetrics returns the metrics in a text that are not in types.
func unknownMetrics(text string, types map[string]string) (unknown []string) {
	for _, name := range metricName.FindAllString(text, -1) {
		if types[name] == "" && types[partOf.ReplaceAllString(name, "")] != "histogram" {
			unknown = append(unknown, name)
		}
	}
	return unknown
}

// requireQueriesMatch compares the metrics in the dashboard and the alert rules with those of an instance on a store.
func requireQueriesMatch(t *testing.T, types map[string]string, store string) {
	t.Helper()
	page, err := os.ReadFile("../docs/operations.md")
	require.NoError(t, err)
	onlyOther := map[string]bool{}
	for _, row := range metricRow.FindAllStringSubmatch(string(page), -1) {
		onlyOther[row[1]] = row[3] != "" && row[3] != store
	}
	for _, path := range []string{"../deploy/grafana/dashboard.json", "../deploy/prometheus/alerts.yml"} {
		content, err := os.ReadFile(path)
		require.NoError(t, err)
		require.Greater(t, strings.Count(string(content), "postern_"), 5, path)
		for _, name := range unknownMetrics(string(content), types) {
			require.True(t, onlyOther[partOf.ReplaceAllString(name, "")], "%s: no instance has %s", path, name)
		}
	}
}
