package conformance_test

import (
	"encoding/json"
	"encoding/xml"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"example.com/postern/api"
	"example.com/postern/conformance"
)

var (
	onBroken  sharedReport
	brokenLog recorder
)

// brokenReport returns a report with all cases of a service whose every answer breaks the contract, so that all requests and
// answers appear in it. brokenLog has the exchanges.
func brokenReport(t *testing.T) *conformance.Report {
	t.Helper()
	return onBroken.get(t, func() *conformance.Report {
		return conform(t, brokenLog.wrap(withFault(newHandler(t), func(e *exchange) {
			e.forward()
			e.answer.Header().Del("X-Request-Id")
			e.editMembers(func(o map[string]any) { o["unknown"] = true })
		})), "")
	})
}

func TestReportsContainNoSecrets(t *testing.T) {
	t.Parallel()
	report := brokenReport(t)
	require.Greater(t, len(report.Breaches()), 20)
	var text strings.Builder
	require.NoError(t, report.WriteJUnit(&text))
	for _, result := range report.Results {
		text.WriteString(result.String())
	}
	secrets := brokenLog.secrets()
	require.Greater(t, len(secrets), 10)
	for _, secret := range secrets {
		require.NotContains(t, text.String(), secret)
	}
	require.Contains(t, text.String(), "password=$PASSWORD")
}

func TestReport(t *testing.T) {
	t.Parallel()
	report := conform(t, withFault(newHandler(t), mutants()["another media type"].fault()), "^Get(Health/alive|Readiness/ready)$")
	require.Len(t, report.Breaches(), 1)
	require.Regexp(t, `^FAIL  GetHealth/alive\n      expected  .+\n      actual    200 OK .*text/plain.*\n      contract  #/paths/~1healthz/get/responses/200/content\n      try       curl -sSi --path-as-is -X GET 'http://127.0.0.1:\d+/healthz'$`,
		report.Breaches()[0].String())
	require.Regexp(t, `^level hardening: 2 cases: 1 ok, 1 failed \(1 cause\), 0 skipped, in \d+\.\d s$`, report.Summary())
}

// junit is the form of a report. Elements and attributes that it does not name are decoded into the members Unknown.
type junit struct {
	XMLName xml.Name `xml:"testsuites"`
	Name    string   `xml:"name,attr"`
	junitCounts
	Suites []struct {
		Name      string `xml:"name,attr"`
		Timestamp string `xml:"timestamp,attr"`
		junitCounts
		Cases []struct {
			Class   string  `xml:"classname,attr"`
			Name    string  `xml:"name,attr"`
			Seconds float64 `xml:"time,attr"`
			Failure *struct {
				Message string `xml:"message,attr"`
				Type    string `xml:"type,attr"`
				Text    string `xml:",chardata"`
				unknownXML
			} `xml:"failure"`
			Skipped *struct {
				Message string `xml:"message,attr"`
				unknownXML
			} `xml:"skipped"`
			unknownXML
		} `xml:"testcase"`
	} `xml:"testsuite"`
}

type junitCounts struct {
	Tests    int     `xml:"tests,attr"`
	Failures int     `xml:"failures,attr"`
	Errors   int     `xml:"errors,attr"`
	Skipped  int     `xml:"skipped,attr"`
	Seconds  float64 `xml:"time,attr"`
	unknownXML
}

type unknownXML struct {
	Attributes []xml.Attr `xml:",any,attr"`
	Elements   []struct {
		XMLName xml.Name
	} `xml:",any"`
}

func (u unknownXML) requireNone(t *testing.T) {
	t.Helper()
	require.Empty(t, u.Attributes)
	require.Empty(t, u.Elements)
}

func TestJUnit(t *testing.T) {
	t.Parallel()
	report := naiveReport(t)
	var text strings.Builder
	require.NoError(t, report.WriteJUnit(&text))
	var all junit
	require.NoError(t, xml.Unmarshal([]byte(text.String()), &all))
	all.requireNone(t)
	var sum junitCounts
	for _, suite := range all.Suites {
		suite.requireNone(t)
		_, err := time.Parse("2006-01-02T15:04:05", suite.Timestamp)
		require.NoError(t, err)
		var own junitCounts
		for _, c := range suite.Cases {
			c.requireNone(t)
			require.Equal(t, suite.Name, c.Class)
			require.NotEmpty(t, c.Name)
			own.Tests++
			switch {
			case c.Failure != nil:
				c.Failure.requireNone(t)
				require.Nil(t, c.Skipped, "a case either fails or is skipped")
				require.NotEmpty(t, c.Failure.Message)
				require.Equal(t, "breach", c.Failure.Type)
				require.Contains(t, c.Failure.Text, "expected  ")
				own.Failures++
			case c.Skipped != nil:
				c.Skipped.requireNone(t)
				require.NotEmpty(t, c.Skipped.Message)
				own.Skipped++
			}
		}
		own.Seconds = suite.Seconds
		require.Equal(t, own, suite.junitCounts, suite.Name)
		sum.Tests, sum.Failures, sum.Skipped = sum.Tests+own.Tests, sum.Failures+own.Failures, sum.Skipped+own.Skipped
	}
	sum.Seconds = all.Seconds
	require.Equal(t, sum, all.junitCounts)
	require.Equal(t, len(report.Results), sum.Tests)
	require.Equal(t, len(report.Breaches()), sum.Failures)
	require.NotZero(t, sum.Skipped)
}

// TestPointersResolve follows every pointer of two reports with many violations through the contract and its references.
func TestPointersResolve(t *testing.T) {
	t.Parallel()
	var document any
	require.NoError(t, json.Unmarshal(api.OpenAPI, &document))
	for _, report := range []*conformance.Report{naiveReport(t), brokenReport(t)} {
		seen := map[string]bool{}
		for _, cause := range report.Causes() {
			for _, pointer := range cause.Pointers {
				seen[pointer] = true
			}
		}
		require.Greater(t, len(seen), 50)
		for pointer := range seen {
			require.NotNil(t, resolve(document, document, pointer), pointer)
		}
	}
}

// resolve returns the value at a pointer such as "#/paths/~1posts/get", or nil if there is none.
func resolve(document, value any, pointer string) any {
	follow := func() {
		for object, ok := value.(map[string]any); ok; object, ok = value.(map[string]any) {
			ref, isRef := object["$ref"].(string)
			if !isRef {
				return
			}
			value = resolve(document, document, ref)
		}
	}
	for _, token := range strings.Split(strings.TrimPrefix(pointer, "#/"), "/") {
		follow()
		object, _ := value.(map[string]any)
		value = object[strings.NewReplacer("~1", "/", "~0", "~").Replace(token)]
	}
	follow()
	return value
}
