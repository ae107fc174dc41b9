package postern_test

import (
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// floors are the oldest versions without a hole that the Go vulnerability database knows of and that would reach us.
var floors = map[string]string{
	"go":                           "1.26.6",
	"github.com/golang-jwt/jwt/v5": "5.2.2",
	"github.com/jackc/pgx/v5":      "5.9.2",
	"github.com/oapi-codegen/oapi-codegen/v2": "2.7.1",
	"github.com/getkin/kin-openapi":           "0.144.0",
}

func TestModulesAreAboveTheirFloors(t *testing.T) {
	t.Parallel()
	line := regexp.MustCompile(`^\s*(?:require )?(\S+) v?(\d+\.\d+\.\d+)`)
	for _, file := range []string{"go.mod", "tools.mod"} {
		content, err := os.ReadFile(file)
		require.NoError(t, err)
		seen := 0
		for text := range strings.Lines(string(content)) {
			match := line.FindStringSubmatch(text)
			if match == nil || floors[match[1]] == "" {
				continue
			}
			seen++
			require.GreaterOrEqual(t, versionNumber(t, match[2]), versionNumber(t, floors[match[1]]), "%s: %s", file, match[1])
		}
		require.GreaterOrEqual(t, seen, 2, "%s names what it is checked for", file)
	}
}

// versionNumber returns a version as one number.
func versionNumber(t *testing.T, version string) int {
	t.Helper()
	n := 0
	for part := range strings.SplitSeq(version, ".") {
		i, err := strconv.Atoi(part)
		require.NoError(t, err)
		n = n*10_000 + i
	}
	return n
}
