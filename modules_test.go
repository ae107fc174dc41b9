package postern_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// testOnly lists the modules in go.mod that are not linked into the program, with the reason why they stay. Tests that
// need access to internal packages import them. All other modules that only tests need belong in test/go.mod.
var testOnly = map[string]string{
	"github.com/stretchr/testify":               "assertions",
	"go.yaml.in/yaml/v3":                        "converts openapi.yaml to api/openapi.json",
	"github.com/getkin/kin-openapi":             "an independent reader of the contract; its own dependencies follow",
	"github.com/go-openapi/jsonpointer":         "kin-openapi",
	"github.com/go-openapi/swag/jsonname":       "kin-openapi",
	"github.com/santhosh-tekuri/jsonschema/v6":  "kin-openapi",
	"go.yaml.in/yaml/v4":                        "kin-openapi",
	"pgregory.net/rapid":                        "property-based tests of the domain",
	"github.com/emersion/go-smtp":               "a mail server",
	"github.com/emersion/go-sasl":               "go-smtp",
	"golang.org/x/oauth2":                       "an independent OAuth client",
	"github.com/lestrrat-go/jwx/v3":             "an independent implementation of tokens; its own dependencies follow",
	"github.com/decred/dcrd/dcrec/secp256k1/v4": "jwx",
	"github.com/goccy/go-json":                  "jwx",
	"github.com/lestrrat-go/blackmagic":         "jwx",
	"github.com/lestrrat-go/dsig":               "jwx",
	"github.com/lestrrat-go/dsig-secp256k1":     "jwx",
	"github.com/lestrrat-go/httpcc":             "jwx",
	"github.com/lestrrat-go/httprc/v3":          "jwx",
	"github.com/lestrrat-go/option/v2":          "jwx",
	"github.com/segmentio/asm":                  "jwx",
	"github.com/valyala/fastjson":               "jwx",
	"github.com/mattn/go-isatty":                "modernc.org/libc, on other systems",
	"github.com/ncruces/go-strftime":            "modernc.org/libc, on other systems",
}

// TestEveryModuleIsLinkedOrExplained keeps unneeded modules out of go.mod.
func TestEveryModuleIsLinkedOrExplained(t *testing.T) {
	t.Parallel()
	out, err := exec.Command("go", "list", "-deps", "-f", "{{with .Module}}{{.Path}}{{end}}", "./app").Output()
	require.NoError(t, err)
	linked := strings.Fields(string(out))
	content, err := os.ReadFile("go.mod")
	require.NoError(t, err)
	required := regexp.MustCompile(`(?m)^\s(\S+) v\d`).FindAllStringSubmatch(string(content), -1)
	require.NotEmpty(t, required)
	seen := map[string]bool{}
	for _, module := range required {
		seen[module[1]] = true
		require.NotEqual(t, testOnly[module[1]] != "", slices.Contains(linked, module[1]), "%s must be either linked or listed in testOnly", module[1])
	}
	for module := range testOnly {
		require.True(t, seen[module], "%s is no longer in go.mod", module)
	}
}

// TestActionsArePinned requires every action to be pinned to a commit, because owners can move tags.
func TestActionsArePinned(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(".github/workflows/*")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		content, err := os.ReadFile(file)
		require.NoError(t, err)
		for _, line := range regexp.MustCompile(`(?m)uses:.*$`).FindAllString(string(content), -1) {
			require.Regexp(t, `^uses: [\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$`, line)
		}
	}
}
