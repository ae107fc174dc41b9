package postern_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"
)

type alertRules struct {
	Groups []struct {
		Rules []struct {
			Alert       string            `yaml:"alert"`
			Annotations map[string]string `yaml:"annotations"`
		} `yaml:"rules"`
	} `yaml:"groups"`
}

var alertSection = regexp.MustCompile(`(?ms)^### (Postern\w+)\n\n\*\*Meaning\.\*\* .+?\n\n\*\*What to do\.\*\* .+?\n\n`)

// TestEveryAlertHasARunbook: each alert links to its section of docs/operations.md, and each section is that of an alert.
func TestEveryAlertHasARunbook(t *testing.T) {
	t.Parallel()
	page := documents(t)["docs/operations.md"]
	var sections []string
	for _, found := range alertSection.FindAllStringSubmatch(page, -1) {
		sections = append(sections, found[1])
	}
	require.Len(t, sections, strings.Count(page, "\n### Postern"), "each section says what the alert means and what to do")

	var alerts []string
	content, err := os.ReadFile("deploy/prometheus/alerts.yml")
	require.NoError(t, err)
	var rules alertRules
	require.NoError(t, yaml.Unmarshal(content, &rules))
	for _, group := range rules.Groups {
		for _, rule := range group.Rules {
			alerts = append(alerts, rule.Alert)
			require.Equal(t, "docs/operations.md#"+strings.ToLower(rule.Alert), rule.Annotations["runbook"])
			require.NotEmpty(t, rule.Annotations["summary"], rule.Alert)
		}
	}
	require.NotEmpty(t, alerts)
	require.Equal(t, alerts, sections, "in the same order")

	tests, err := os.ReadFile("deploy/prometheus/alerts_test.yml")
	require.NoError(t, err)
	for _, alert := range alerts {
		require.Contains(t, string(tests), "- alertname: "+alert+"\n", "promtool tests that the alert fires")
	}
}
