package rest

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	exampleTrace  = "4bf92f3577b34da6a3ce929d0e0e4736"
	exampleParent = "00-" + exampleTrace + "-00f067aa0ba902b7-01"
)

func TestParseTraceparent(t *testing.T) {
	t.Parallel()
	for _, header := range []string{
		exampleParent,
		"00-" + exampleTrace + "-00f067aa0ba902b7-00",
		"00-" + exampleTrace + "-00f067aa0ba902b7-ff",           // unknown flags are ignored
		"01-" + exampleTrace + "-00f067aa0ba902b7-01",           // a later version
		"cc-" + exampleTrace + "-00f067aa0ba902b7-01-what-ever", // with members that are not known yet
		"fe-" + exampleTrace + "-00f067aa0ba902b7-01-",
	} {
		require.Equal(t, exampleTrace, parseTraceparent(header), header)
	}
	for _, header := range []string{
		"", "-", exampleTrace, exampleParent[1:], exampleParent[:54], exampleParent + "-", exampleParent + "-00", " " + exampleParent,
		"ff" + exampleParent[2:], "01" + exampleParent[2:] + "x", "0g" + exampleParent[2:],
		strings.ToUpper(exampleParent), strings.ReplaceAll(exampleParent, "-", "_"),
		"00-" + strings.Repeat("0", 32) + "-00f067aa0ba902b7-01", "00-" + exampleTrace + "-0000000000000000-01",
		"00-" + exampleTrace[1:] + "g-00f067aa0ba902b7-01", "00-" + exampleTrace + "-00f067aa0ba902bx-01", "00-" + exampleTrace + "-00f067aa0ba902b7-0x",
		"00-" + exampleTrace + "00f067aa0ba902b7--01",
	} {
		require.Empty(t, parseTraceparent(header), header)
	}
}

func FuzzTraceparent(f *testing.F) {
	f.Add(exampleParent)
	f.Add("cc" + exampleParent[2:] + "-what-ever")
	valid := regexp.MustCompile(`^(00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}|[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}(?s:-.*)?)$`)
	invalid := regexp.MustCompile(`^(ff-|00-.{52}.|..-0{32}-|..-.{32}-0{16}-)`)
	f.Fuzz(func(t *testing.T, header string) {
		want := ""
		if valid.MatchString(header) && !invalid.MatchString(header) {
			want = header[3:35]
		}
		require.Equal(t, want, parseTraceparent(header))
	})
}

func TestIdentify(t *testing.T) {
	t.Parallel()
	id, trace := identify(http.Header{"X-Request-Id": {"mine"}, "Traceparent": {exampleParent}})
	require.Equal(t, []string{"mine", exampleTrace}, []string{id, trace})
	id, trace = identify(http.Header{})
	require.Regexp(t, "^[0-9a-f]{32}$", trace)
	require.Equal(t, trace, id, "a request without a caller's trace is a trace of its own")
	id, trace = identify(http.Header{"Traceparent": {exampleParent}})
	require.Equal(t, exampleTrace, trace)
	require.NotEqual(t, trace, id, "several requests may belong to one trace")
	_, trace = identify(http.Header{"X-Request-Id": {"mine"}, "Traceparent": {exampleParent, exampleParent}})
	require.NotEqual(t, exampleTrace, trace, "two headers are not valid")
}

// TestIdentifyMakesAtMostOneID is not parallel, because other goroutines would be counted. It compares with the cost of one
// identifier, which is higher under the race detector.
func TestIdentifyMakesAtMostOneID(t *testing.T) {
	least := func(f func()) float64 {
		n := testing.AllocsPerRun(1, f)
		for range 100 {
			n = min(n, testing.AllocsPerRun(1, f))
		}
		return n
	}
	count := func(header http.Header) float64 { return least(func() { identify(header) }) }
	one := least(func() { newID() })
	require.Equal(t, one, count(http.Header{}))
	require.Equal(t, one, count(http.Header{"Traceparent": {exampleParent}}))
	require.Zero(t, count(http.Header{"X-Request-Id": {"mine"}, "Traceparent": {exampleParent}}))
}
